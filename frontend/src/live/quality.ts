/** What the codes of OPC mean is said in controller/…/sdk/quality.py; a page shows the class, and the reason in words. */
export type Quality = 'good' | 'simulated' | 'uncertain' | 'bad'

const SIMULATED = 96
/** The lowest two bits say whether the value stands at its limit. */
const reasonBits = (code: number) => code & ~0b11

export function qualityOf(code: number): Quality {
  if (code >= 192) return 'good'
  if (reasonBits(code) === SIMULATED) return 'simulated'
  return code >= 64 ? 'uncertain' : 'bad'
}

/** Simulated values are as reliable as they can be: not marked one by one. */
export function isDoubtful(code: number): boolean {
  return code < 192 && qualityOf(code) !== 'simulated'
}

/** The words of `reasons` for a code, else those for its class. */
export function reasonOf(code: number, reasons: Record<number, string>, classes: Record<Quality, string>): string {
  return reasons[reasonBits(code)] ?? classes[qualityOf(code)]
}
