/** Models of one's own: what they are asked, and how they are named. */
import { TickforgeError } from '../errors.ts'
import { checkKeys, refused, text } from './configuration-checks.ts'

/** A fill that is charged, as a fee model of one's own sees it. */
export interface FeeFill {
  /** Symbol of the instrument. */
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  /** Whether the order rested (`'maker'`) or took. */
  readonly liquidity: 'maker' | 'taker'
  /** Price of the fill, with slippage, impact and stress. */
  readonly price: number
  /** Quantity of the fill, in units. */
  readonly quantity: number
  /** Its value in the account's currency; below zero where the price is. */
  readonly notional: number
  /** Value that all strategies have traded in the instrument before; 0 for an estimate. */
  readonly traded: number
  /** What the order has been charged for its fills before; 0 for an estimate. */
  readonly orderFees: number
  /** Value of the order's fills before, without a sign; 0 for an estimate. */
  readonly orderNotional: number
  /** Simulated time, milliseconds since 1970 with fraction. */
  readonly time: number
  /** Whether nothing is charged: a size that leaves room for fees, or a check of buying power. */
  readonly isEstimate: boolean
}

/** A taking fill before slippage, as a slippage model of one's own sees it. */
export interface SlippageFill {
  /** Symbol of the instrument. */
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  /** The price that the market shows. */
  readonly price: number
  /** Quantity that is taken at it, in units; 0 where an amount of money is turned into a quantity. */
  readonly quantity: number
  /** Best ask less best bid; null where there are not both, and in bars. */
  readonly spread: number | null
  /** Own part of the bar's volume, this fill included; null outside of bars, and in bars without volume. */
  readonly volumeShare: number | null
  /** Simulated time, milliseconds since 1970 with fraction. */
  readonly time: number
}

/** A resting order whose price is touched when its turn has come, as a fill model of one's own sees it. */
export interface TouchedOrder {
  /** Symbol of the instrument. */
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  /** The order's limit. */
  readonly price: number
  /** Its whole quantity, in units. */
  readonly quantity: number
  /** What is not filled yet, in units. */
  readonly leaves: number
  /** Which visit of its price by the market this is, from 0: there is one draw per visit. */
  readonly visit: number
  /** When it reached the venue, or last lost its place; milliseconds since 1970 with fraction. */
  readonly arrived: number
  /** Simulated time, milliseconds since 1970 with fraction. */
  readonly time: number
  /** Whether the data proves the fill, by the queue of recorded orders or of levels; never on quotes, trades and bars. */
  readonly isProven: boolean
}

/** Fee of a fill in the account's currency, rounded half to even at 1e-9; below zero it is a rebate. */
export type FeeFunction = (fill: FeeFill) => number

/** Price of a taking fill, rounded half to even at 1e-9; it may not be better than the one that the market shows. */
export type SlippageFunction = (fill: SlippageFill) => number

/** Chance of a fill at the touch, 0 to 1. */
export type FillFunction = (order: TouchedOrder) => number

/** A model of one's own: a function under a name. */
export interface CustomModel<F> {
  /** Its name, in results. */
  readonly name: string
  /** The function; in a configuration file, the command line loads it from `source`. */
  readonly model?: F
  /** The file that it is from; without one, a run cannot be repeated from its `run.json`. */
  readonly source?: string
  /** What that file exports it as. @default 'default' */
  readonly export?: string
}

/** Its name and place, completed. */
export interface NativeCustomModel {
  name: string
  source: string | null
  export: string | null
}

/** How a model of one's own is named. */
export interface CustomOptions {
  /** Its name, in results. @default the function's own */
  readonly name?: string
}

/** A function under a name. */
export function named<F extends (question: never) => number>(model: F, options: CustomOptions): CustomModel<F> {
  return { name: options.name ?? model.name, model }
}

/** The keys of a model of one's own. */
export const customKeys: readonly string[] = ['name', 'model', 'source', 'export']

/** Completes the name and place of a model of one's own; its other keys have been checked. */
export function completeCustom(model: CustomModel<unknown>, field: string): NativeCustomModel {
  const { name, source, export: exported } = model
  if (name === '') throw refused(`${field}.name`, name, 'a name: the function has none of its own')
  if (model.model !== undefined && typeof model.model !== 'function') {
    throw refused(`${field}.model`, model.model, 'a function')
  }
  return {
    name: text(name, `${field}.name`),
    source: source === undefined ? null : text(source, `${field}.source`),
    export: source === undefined ? null : text(exported ?? 'default', `${field}.export`),
  }
}

/** Completes the model in `fill`, where there is one. */
export function completeCustomFill(model: CustomModel<FillFunction> | undefined): NativeCustomModel | null {
  if (model === undefined) return null
  checkKeys(model, 'venue.fill.custom', customKeys)
  return completeCustom(model, 'venue.fill.custom')
}

/** A completed name and place as options again. */
export function repeatCustom(model: NativeCustomModel): CustomModel<never> {
  const { name, source, export: exported } = model
  return { name, ...(source === null ? {} : { source }), ...(exported === null ? {} : { export: exported }) }
}

/**
 * The function of a model.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_MODEL` when it is not there
 */
export function functionOf<F>(model: CustomModel<F>, field: string): F {
  if (model.model !== undefined) return model.model
  const { name, source } = model
  const why =
    source === undefined
      ? 'was made in code and has no file to load it from'
      : `is in ${source}, which the command line loads and code imports itself`
  throw new TickforgeError('ERR_CONFIG_MODEL', `${field}: the model '${name}' ${why}`, {
    details: {
      field,
      value: name,
      source,
      accepted: 'a function, as fees.custom, slippage.custom or fill.custom take',
    },
  })
}
