/** Nearest names for what was mistyped. */
import { createRequire } from 'node:module'

type Distances = typeof import('fastest-levenshtein')

let distances: Distances | undefined

/** The package of distances, loaded when something is mistyped: no run that goes well waits for it. */
function loadDistances(): Distances {
  distances ??= createRequire(import.meta.url)('fastest-levenshtein') as Distances
  return distances
}

/** The candidate nearest to `word`, or null when none is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null
  const { closest, distance } = loadDistances()
  const lower = candidates.map(candidate => candidate.toLowerCase())
  const found = candidates[lower.indexOf(closest(word.toLowerCase(), lower))] as string
  // Two letters swapped are a distance of two: the commonest slip, even in a short word.
  const length = Math.max(word.length, found.length)
  const limit = length <= 2 ? 1 : Math.max(2, Math.floor(length / 3))
  return distance(word.toLowerCase(), found.toLowerCase()) <= limit ? found : null
}

/** ` (did you mean 'x'?)`, or nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const found = nearest(word, candidates)
  return found === null ? '' : ` (did you mean '${found}'?)`
}
