import { inject, ref, type InjectionKey, type Ref } from 'vue'
import type { Shown } from '@/chart/shown'

/** What range all curves of a dashboard are to show instead of their own; null: their own. */
export const COMMON_RANGE: InjectionKey<Ref<Shown | null>> = Symbol('range')

export const useCommonRange = () => inject(COMMON_RANGE, () => ref<Shown | null>(null), true)
