/** Nearest names for what was mistyped. */
import { closest, distance } from 'fastest-levenshtein'

/** The candidate nearest to `word`, or null when none is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null
  const lower = candidates.map(candidate => candidate.toLowerCase())
  const found = candidates[lower.indexOf(closest(word.toLowerCase(), lower))] as string
  const limit = Math.max(1, Math.floor(Math.max(word.length, found.length) / 3))
  return distance(word.toLowerCase(), found.toLowerCase()) <= limit ? found : null
}

/** ` (did you mean 'x'?)`, or nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates)
  return found === null ? '' : ` (did you mean '${found}'?)`
}
