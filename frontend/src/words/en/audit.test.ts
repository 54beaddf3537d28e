import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { audit } from './audit'

const sql = readFileSync(new URL('../../../../db/audit.sql', import.meta.url), 'utf8')
const watched = [...sql.matchAll(/^ {12}\('(\w+)', +'/gm)].map(([, name]) => name)

it('has a word for each table that the database watches, and for values that were removed', () => {
  expect(watched.length).toBeGreaterThan(20)
  expect(Object.keys(audit.tables).sort()).toEqual([...watched, 'datapoints'].sort())
})
