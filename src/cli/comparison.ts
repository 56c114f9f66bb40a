/** Where two runs part: their configurations, and the first event that is not the same. */
import type { JournalEntry } from '../backtest/explanation.ts'

/** A run to be compared. */
export interface Compared {
  readonly configuration: object
  readonly stateHash: string
  readonly journal: readonly JournalEntry[]
}

/** A setting that differs. */
export interface SettingDifference {
  /** Its place, such as `venue.latency.network`. */
  readonly setting: string
  readonly a: unknown
  readonly b: unknown
}

/** Where two runs part. */
export interface Parting {
  /** Whether they are the same run: equal state hashes. */
  readonly same: boolean
  readonly stateHashes: readonly [string, string]
  readonly settings: readonly SettingDifference[]
  /** Order events that are the same in both, from the beginning. */
  readonly common: number
  /** The last of them. */
  readonly before: readonly JournalEntry[]
  /** The first event that is not the same; null on the side that had no more, and on both where all are the same. */
  readonly a: JournalEntry | null
  readonly b: JournalEntry | null
  /** The fields in which they differ. */
  readonly fields: readonly string[]
}

/** Compares two runs, event by event. */
export function part(a: Compared, b: Compared): Parting {
  let common = 0
  while (common < a.journal.length && common < b.journal.length) {
    if (differing(a.journal[common] as JournalEntry, b.journal[common] as JournalEntry).length > 0) break
    common += 1
  }
  const here = a.journal[common] ?? null
  const there = b.journal[common] ?? null
  return {
    same: a.stateHash === b.stateHash,
    stateHashes: [a.stateHash, b.stateHash],
    settings: settings(a.configuration, b.configuration),
    common,
    before: a.journal.slice(Math.max(0, common - 3), common),
    a: here,
    b: there,
    fields: here !== null && there !== null ? differing(here, there) : [],
  }
}

function differing(a: JournalEntry, b: JournalEntry): string[] {
  return (Object.keys(a) as (keyof JournalEntry)[]).filter(key => a[key] !== b[key])
}

/** Settings that differ; where results are written says nothing about a run. */
function settings(a: unknown, b: unknown, path = ''): SettingDifference[] {
  if (path === 'output' || Object.is(a, b)) return []
  const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (!isTree(a) || !isTree(b)) return [{ setting: path, a, b }]
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return keys.flatMap(key => settings(a[key], b[key], path === '' ? key : `${path}.${key}`))
}
