import type { Component } from 'vue'
import type { RouteLocationRaw, RouteRecordRaw } from 'vue-router'
import { mayAs, type Role } from './accounts/role'
import type { RowOf, ViewName } from './api/rest'

/** The order in which people meet them. */
export const GROUPS = ['watch', 'analyse', 'automate', 'administer'] as const
export type Group = (typeof GROUPS)[number]

/** Rows of the API that the search over everything finds by their texts. */
export interface Searched<Name extends ViewName = ViewName> {
  view: Name
  /** What one of them is called. */
  kind: string
  /** Texts that are looked through; the first is shown, and the second beside it. */
  columns: readonly (keyof RowOf<Name> & string)[]
  to(row: RowOf<Name>): RouteLocationRaw
}

/** So that the compiler knows the columns. */
export const searched = <Name extends ViewName>(what: Searched<Name>) => what as unknown as Searched

/** A view of the page, as its folder's routes.ts describes it. */
export interface View {
  name: string
  path: string
  title: string
  component: NonNullable<RouteRecordRaw['component']>
  /** Who may open it; without it everybody who is signed in; `open`: also who is not. */
  role?: Role | 'open'
  /** Where it stands in the navigation; without it nowhere. */
  group?: Group
  place?: number
  /** Of which view it is a part: that one is marked in the navigation while this is shown. */
  within?: string
  /** Stands beside its title in the navigation: what waits there for somebody. */
  badge?: Component
  search?: Searched
}

declare module 'vue-router' {
  interface RouteMeta {
    view: View
  }
}

export function mayOpen({ role = 'viewer' }: View, has: string | undefined): boolean {
  return role === 'open' || mayAs(has, role)
}
