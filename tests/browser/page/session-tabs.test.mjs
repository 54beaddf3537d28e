// The tabs of one browser share a session: its cookie, and the sign that somebody is signed in.
import { test } from 'node:test'
import { fillSignIn, isLive, openOverview, renewals, signInForm, stack, withPage } from './browser.mjs'

test('two tabs at once', withPage(async (page) => {
  await openOverview(page)
  const other = await page.context().newPage()
  await other.goto(stack.url)
  await isLive(other)
  await Promise.all([page.reload(), other.reload()])
  await Promise.all([isLive(page), isLive(other)])
  await Promise.all([renewals(page, 1), renewals(other, 1)])
  await Promise.all([isLive(page), isLive(other)])
}))

test('signing out in one tab signs out the other, signing in signs it in', withPage(async (page) => {
  await openOverview(page)
  const other = await page.context().newPage()
  await other.goto(stack.url)
  await isLive(other)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await Promise.all([signInForm(page), signInForm(other)])
  await fillSignIn(page)
  await Promise.all([isLive(page), isLive(other)])
}))
