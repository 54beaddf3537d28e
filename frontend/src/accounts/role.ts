/** What an account may be; each may what the one before it may, and more. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Whether somebody of the role `has` may do what is for `needed`. Nobody yet: nothing. */
export function mayAs(has: string | undefined, needed: Role): boolean {
  return ROLES.findIndex((role) => role === has) >= ROLES.indexOf(needed)
}
