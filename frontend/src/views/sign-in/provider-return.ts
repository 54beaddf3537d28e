import { useRoute, useRouter } from 'vue-router'
import { words } from '@/words'

/** What somebody brings who comes back from an identity provider: a code, or what to say of its absence. */
export interface Return {
  code: string | null
  refusal: string | null
}

/** Read once and taken out of the address, so that neither a reload nor a bookmark brings it again. */
export function useProviderReturn(): Return {
  const route = useRoute()
  const { sso_code, sso_error, ...rest } = route.query
  if (sso_code !== undefined || sso_error !== undefined) void useRouter().replace({ query: rest })
  return {
    code: typeof sso_code === 'string' ? sso_code : null,
    refusal: typeof sso_error === 'string' ? wordsFor(sso_error) : null,
  }
}

function wordsFor(error: string): string {
  const { refusals } = words.signIn
  return Object.hasOwn(refusals, error) ? refusals[error as keyof typeof refusals] : words.signIn.refused
}
