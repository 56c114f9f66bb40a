/** Parameters of a strategy: declared once, typed, bounded, and described for command lines, sweeps and forms. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'

/** What a number parameter may be, besides its default. */
export interface NumberLimits {
  /** Smallest value. */
  readonly min?: number
  /** Largest value. */
  readonly max?: number
  /** What it does, for `--help` and forms. */
  readonly description?: string
}

/** A number parameter, whole (`'int'`) or not (`'float'`). */
export interface NumberParameter extends NumberLimits {
  readonly type: 'int' | 'float'
  readonly default: number
}

/** A parameter that is on or off. */
export interface BooleanParameter {
  readonly type: 'bool'
  readonly default: boolean
  readonly description?: string
}

/** A text parameter. */
export interface TextParameter<T extends string = string> {
  readonly type: 'text'
  readonly default: T
  /** The texts that are accepted; any when left out. */
  readonly choices?: readonly T[]
  readonly description?: string
}

/** Any declared parameter. */
export type Parameter = NumberParameter | BooleanParameter | TextParameter

/** The declared parameters of a strategy, by name. */
export type Parameters = Readonly<Record<string, Parameter>>

/** The value of one declared parameter. */
export type ParameterValue<P extends Parameter> = P extends NumberParameter
  ? number
  : P extends BooleanParameter
    ? boolean
    : P extends TextParameter<infer T>
      ? T
      : never

/** The values of declared parameters. */
export type ParameterValues<P extends Parameters> = { readonly [K in keyof P]: ParameterValue<P[K]> }

/** A whole number. */
export function int(value: number, limits: NumberLimits = {}): NumberParameter {
  return declared({ type: 'int', default: value, ...limits })
}

/** A number. */
export function float(value: number, limits: NumberLimits = {}): NumberParameter {
  return declared({ type: 'float', default: value, ...limits })
}

/** On or off. */
export function bool(value: boolean, options: { readonly description?: string } = {}): BooleanParameter {
  return declared({ type: 'bool', default: value, ...options })
}

/** A text, or one of `choices`. */
export function text<const T extends string = string>(
  value: NoInfer<T>,
  options: { readonly choices?: readonly T[]; readonly description?: string } = {},
): TextParameter<T> {
  return declared({ type: 'text', default: value, ...options })
}

function declared<P extends Parameter>(parameter: P): P {
  checkValue('default', parameter.default, parameter)
  return Object.freeze(parameter)
}

/**
 * All values of declared parameters: those given, checked, and the defaults.
 *
 * @throws {@link TickforgeError} `ERR_PARAMETER_UNKNOWN`, `ERR_PARAMETER_VALUE`
 */
export function parameterValues(
  declarations: Parameters,
  given: Readonly<Record<string, unknown>>,
): Record<string, number | boolean | string> {
  const names = Object.keys(declarations)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declarations, name)) {
      throw new TickforgeError('ERR_PARAMETER_UNKNOWN', `there is no parameter '${name}'${suggestion(name, names)}`, {
        details: { name, value: given[name], accepted: names },
      })
    }
  }
  const values: Record<string, number | boolean | string> = {}
  for (const [name, parameter] of Object.entries(declarations)) {
    const value = given[name]
    values[name] = value === undefined ? parameter.default : checkValue(name, value, parameter)
  }
  return values
}

/**
 * The value of a parameter from a text, as a command line gives it; it is checked where the strategy is made.
 *
 * @throws {@link TickforgeError} `ERR_PARAMETER_VALUE` when the text cannot be of the parameter's type
 */
export function parseParameter(name: string, parameter: Parameter, given: string): number | boolean | string {
  switch (parameter.type) {
    case 'int':
    case 'float': {
      const number = given.trim() === '' ? Number.NaN : Number(given)
      return checkValue(name, Number.isNaN(number) ? given : number, parameter)
    }
    case 'bool':
      if (given === 'true' || given === 'false') return given === 'true'
      throw refused(name, given, parameter)
    case 'text':
      return checkValue(name, given, parameter)
  }
}

/** What a parameter accepts, in words. */
export function acceptedValues(parameter: Parameter): string {
  switch (parameter.type) {
    case 'bool':
      return 'true or false'
    case 'text':
      return parameter.choices === undefined ? 'a text' : parameter.choices.map(choice => `'${choice}'`).join(', ')
    default: {
      const { min, max } = parameter
      const kind = parameter.type === 'int' ? 'a whole number' : 'a number'
      if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
      if (min !== undefined) return `${kind} of at least ${min}`
      return max === undefined ? kind : `${kind} of at most ${max}`
    }
  }
}

function checkValue(name: string, value: unknown, parameter: Parameter): number | boolean | string {
  switch (parameter.type) {
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    case 'text':
      if (typeof value === 'string' && (parameter.choices?.includes(value) ?? true)) return value
      break
    default:
      if (
        typeof value === 'number' &&
        (parameter.type === 'int' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
        value >= (parameter.min ?? Number.NEGATIVE_INFINITY) &&
        value <= (parameter.max ?? Number.POSITIVE_INFINITY)
      ) {
        return value
      }
  }
  throw refused(name, value, parameter)
}

function refused(name: string, value: unknown, parameter: Parameter): TickforgeError {
  const accepted = acceptedValues(parameter)
  const shown = typeof value === 'string' ? `'${value}'` : String(value)
  return new TickforgeError('ERR_PARAMETER_VALUE', `parameter '${name}' is ${shown}; it takes ${accepted}`, {
    details: { name, value, accepted },
  })
}
