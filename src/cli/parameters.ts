/** A strategy's declared parameters as options of the command line. */
import { acceptedValues, type Parameters, parseParameter } from '../strategy/parameters.ts'
import { suggestion } from '../suggest.ts'
import { usageError } from './run-options.ts'

/** `riskFraction` as `--risk-fraction`. */
export function optionName(parameter: string): string {
  return `--${parameter.replace(/_/g, '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/**
 * Values of parameters from what commander did not know.
 *
 * @param tokens what was typed: `--fast 20`, `--fast=20`, `--trailing`, `--no-trailing`
 * @param declared the strategy's parameters
 * @param others names of the command's own options, for suggestions
 * @throws TickforgeError `ERR_USAGE`, `ERR_PARAMETER_VALUE`
 */
export function parseParameters(
  tokens: readonly string[],
  declared: Parameters,
  others: readonly string[],
): Record<string, number | boolean | string> {
  const byOption = new Map(Object.keys(declared).map(name => [optionName(name), name]))
  const values: Record<string, number | boolean | string> = {}
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as string
    if (!token.startsWith('--')) throw usageError(`'${token}' is one argument too many`, { argument: token })
    const equals = token.indexOf('=')
    const option = equals < 0 ? token : token.slice(0, equals)
    const inline = equals < 0 ? undefined : token.slice(equals + 1)
    const negated = option.startsWith('--no-') ? byOption.get(`--${option.slice(5)}`) : undefined
    if (negated !== undefined && declared[negated]?.type === 'bool' && inline === undefined) {
      values[negated] = false
      continue
    }
    const name = byOption.get(option)
    const parameter = name === undefined ? undefined : declared[name]
    if (name === undefined || parameter === undefined) {
      const known = [...byOption.keys(), ...others]
      throw usageError(`there is no option ${option}${suggestion(option, known)}`, { option, accepted: known })
    }
    const next = tokens[index + 1]
    if (inline !== undefined) values[name] = parseParameter(name, parameter, inline)
    else if (parameter.type === 'bool' && next !== 'true' && next !== 'false') values[name] = true
    else if (next === undefined) throw usageError(`${option} needs a value: ${acceptedValues(parameter)}`, { option })
    else {
      values[name] = parseParameter(name, parameter, next)
      index += 1
    }
  }
  return values
}

/** The parameters as lines for `--help`. */
export function parameterHelp(file: string, declared: Parameters): string {
  const rows = Object.entries(declared).map(([name, parameter]) => {
    const about = parameter.description === undefined ? '' : `${parameter.description}; `
    return [
      `  ${optionName(name)} <value>`,
      `${about}${acceptedValues(parameter)} (default: ${parameter.default})`,
    ] as const
  })
  if (rows.length === 0) return `\n${file} declares no parameters.\n`
  const width = Math.max(...rows.map(([option]) => option.length)) + 2
  return `\nParameters of ${file}:\n${rows.map(([option, text]) => option.padEnd(width) + text).join('\n')}\n`
}
