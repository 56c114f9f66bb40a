/** The models of the simulated exchange, completed: each default in one place. */
import { aboveZero, checkKeys, finite, flag, integer, oneOf, refused } from './configuration-checks.ts'
import type {
  DelayModel,
  FeeModel,
  FillOptions,
  FixedLatency,
  ImpactModel,
  LatencyModel,
  NamedVenueOptions,
  SlippageModel,
  StressOptions,
  VenueOptions,
} from './configuration-models.ts'
import type {
  NativeDelay,
  NativeFees,
  NativeImpact,
  NativeLatency,
  NativeRunConfiguration,
} from './configuration-native.ts'
import { completeQueue } from './configuration-queue.ts'
import { type Decimal, decimalText, parseDuration, timeText } from './configuration-values.ts'
import { completeCustom, completeCustomFill, customKeys } from './custom-models.ts'

type NativeVenue = NativeRunConfiguration['venue']

const venueKeys = ['latency', 'fees', 'fill', 'queue', 'slippage', 'impact'] as const

/** The venue's options with all defaults. */
export function completeVenue(venue: VenueOptions): NativeVenue {
  checkKeys(venue, 'venue', [...venueKeys, 'stress'])
  const stress = venue.stress === undefined ? null : completeStress(venue.stress)
  return { ...completeModels(venue, 'venue'), stress }
}

/** The options of the venues that have a name: what one leaves out is as at `venue`, and so is stress. */
export function completeVenues(
  venues: Readonly<Record<string, NamedVenueOptions>>,
  venue: VenueOptions,
): NativeRunConfiguration['venues'] {
  const entries = Object.entries(venues).map(([name, options]): [string, NativeVenue] => {
    const field = `venues.${name}`
    checkKeys(options, field, venueKeys)
    checkCustom(options, venue, field)
    return [name, { ...completeModels({ ...venue, ...options }, field), stress: null }]
  })
  return Object.fromEntries(entries)
}

/** One model of one's own of each kind serves a whole run: it is told the symbol. */
function checkCustom(options: NamedVenueOptions, venue: VenueOptions, field: string): void {
  const nameOf = (model: { readonly type: string; readonly name?: string } | undefined): string | undefined =>
    model?.type === 'custom' ? model.name : undefined
  const given: [string, string | undefined, string | undefined][] = [
    ['fees', nameOf(options.fees), nameOf(venue.fees)],
    ['slippage', nameOf(options.slippage), nameOf(venue.slippage)],
    ['fill.custom', options.fill?.custom?.name, venue.fill?.custom?.name],
  ]
  for (const [key, own, general] of given) {
    if (own !== undefined && own !== general) {
      throw refused(`${field}.${key}`, own, `the model of venue.${key}, which is told the symbol`)
    }
  }
}

function completeModels(venue: VenueOptions, field: string): Omit<NativeVenue, 'stress'> {
  return {
    latency: completeLatency(venue.latency ?? { type: 'fixed', network: '1ms' }, `${field}.latency`),
    fees: completeFees(venue.fees ?? { type: 'none' }, `${field}.fees`),
    fill: completeFill(venue.fill ?? {}, `${field}.fill`),
    ...completeQueue(venue.queue ?? 'auto', `${field}.queue`),
    slippage: completeSlippage(venue.slippage ?? { type: 'none' }, `${field}.slippage`),
    impact: completeImpact(venue.impact ?? { type: 'none' }, `${field}.impact`),
  }
}

function completeStress(stress: StressOptions): NonNullable<NativeVenue['stress']> {
  checkKeys(stress, 'venue.stress', ['ticks', 'latency', 'fees'])
  return {
    ticks: integer(stress.ticks ?? 0, 'venue.stress.ticks', 0, 1_000_000),
    latency: integer(stress.latency ?? 1, 'venue.stress.latency', 1, 1_000_000),
    fees: integer(stress.fees ?? 1, 'venue.stress.fees', 1, 1_000_000),
  }
}

const fillKeys = [
  'probabilityAtTouch',
  'referenceQuantity',
  'tiers',
  'fillAt',
  'beyondDisplay',
  'barPath',
  'volumeLimit',
  'custom',
] as const

function completeFill(fill: FillOptions, field: string): NativeVenue['fill'] {
  checkKeys(fill, field, fillKeys)
  const { probabilityAtTouch, referenceQuantity, tiers, fillAt = 'through', volumeLimit } = fill
  if (tiers !== undefined && (probabilityAtTouch !== undefined || referenceQuantity !== undefined)) {
    throw refused(`${field}.tiers`, tiers, 'tiers, or probabilityAtTouch with referenceQuantity')
  }
  const chances = tiers !== undefined || referenceQuantity !== undefined || (probabilityAtTouch ?? 1) !== 1
  if (fillAt === 'touch' && chances) {
    throw refused(`${field}.fillAt`, fillAt, "no chances with 'touch': whoever is touched is filled")
  }
  if (fill.custom !== undefined && (fillAt === 'touch' || probabilityAtTouch !== undefined || chances)) {
    throw refused(`${field}.custom`, fill.custom, 'it alone: it says every chance at the touch')
  }
  return {
    probabilityAtTouch: finite(probabilityAtTouch ?? 1, `${field}.probabilityAtTouch`, 0, 1),
    referenceQuantity:
      referenceQuantity === undefined ? null : positive(referenceQuantity, `${field}.referenceQuantity`),
    tiers: tiers === undefined ? null : completeTiers(tiers, `${field}.tiers`),
    fillAt: oneOf(fillAt, `${field}.fillAt`, ['through', 'touch']),
    beyondDisplay: oneOf(fill.beyondDisplay ?? 'oneTickPerLevel', `${field}.beyondDisplay`, [
      'oneTickPerLevel',
      'cancel',
    ]),
    barPath: oneOf(fill.barPath ?? 'pessimistic', `${field}.barPath`, ['pessimistic', 'ohlc', 'adaptive']),
    volumeLimit: volumeLimit === undefined ? null : aboveZero(volumeLimit, `${field}.volumeLimit`, 1),
    custom: completeCustomFill(fill.custom),
  }
}

function completeTiers(tiers: NonNullable<FillOptions['tiers']>, field: string): [string, number][] {
  if (!Array.isArray(tiers) || tiers.length === 0) throw refused(field, tiers, 'a list of { upTo, probability }')
  return tiers.map((tier, index): [string, number] => {
    const place = `${field}[${index}]`
    checkKeys(tier, place, ['upTo', 'probability'])
    return [positive(tier.upTo, `${place}.upTo`), finite(tier.probability, `${place}.probability`, 0, 1)]
  })
}

function positive(value: Decimal, field: string): string {
  const digits = decimalText(value, field)
  if (digits.startsWith('-') || digits === '0') throw refused(field, value, 'a number above zero')
  return digits
}

function completeLatency(model: LatencyModel, field: string): NativeLatency {
  const type = oneOf(model?.type, `${field}.type`, ['fixed', 'drawn', 'recorded'])
  if (model.type === 'fixed') return completeFixed(model, field)
  if (model.type === 'recorded') {
    checkKeys(model, field, ['type', 'rows'])
    if (!Array.isArray(model.rows))
      throw refused(`${field}.rows`, model.rows, 'a list of { request, exchange, response }')
    const rows = model.rows.map((row, index): [string, string, string] => {
      const place = `${field}.rows[${index}]`
      checkKeys(row, place, ['request', 'exchange', 'response'])
      const time = (name: 'request' | 'exchange' | 'response'): string => timeText(row[name], `${place}.${name}`)
      return [time('request'), time('exchange'), time('response')]
    })
    return { type: 'recorded', rows }
  }
  checkKeys(model, field, ['type', 'submit', 'modify', 'cancel', 'response'])
  const kind = (name: 'submit' | 'modify' | 'cancel' | 'response'): NativeDelay =>
    completeDelay(model[name] ?? model.submit, `${field}.${name}`)
  return {
    type: type as 'drawn',
    submit: kind('submit'),
    modify: kind('modify'),
    cancel: kind('cancel'),
    response: kind('response'),
  }
}

function completeDelay(model: DelayModel, field: string): NativeDelay {
  const nanos = (value: unknown, name: string): number =>
    nanosNumber(parseDuration(value as never, `${field}.${name}`), `${field}.${name}`)
  if (typeof model !== 'object' || model === null) {
    return { type: 'fixed', ns: nanosNumber(parseDuration(model, field), field) }
  }
  const type = oneOf(model.type, `${field}.type`, ['normal', 'logNormal'])
  if (model.type === 'normal') {
    checkKeys(model, field, ['type', 'mean', 'deviation', 'floor'])
    return {
      type: 'normal',
      meanNs: nanos(model.mean, 'mean'),
      deviationNs: nanos(model.deviation, 'deviation'),
      floorNs: nanos(model.floor ?? 0, 'floor'),
    }
  }
  checkKeys(model, field, ['type', 'median', 'sigma', 'floor'])
  return {
    type: type as 'logNormal',
    medianNs: nanos(model.median, 'median'),
    sigma: finite(model.sigma, `${field}.sigma`, 0, 10),
    floorNs: nanos(model.floor ?? 0, 'floor'),
  }
}

function completeFixed(model: FixedLatency, field: string): NativeLatency {
  checkKeys(model, field, ['type', 'network', 'processing', 'submit', 'modify', 'cancel', 'response'])
  const both =
    parseDuration(model.network, `${field}.network`) + parseDuration(model.processing ?? 0, `${field}.processing`)
  const own = (name: 'submit' | 'modify' | 'cancel' | 'response'): number =>
    nanosNumber(model[name] === undefined ? both : parseDuration(model[name], `${field}.${name}`), `${field}.${name}`)
  return {
    type: 'fixed',
    submitNs: own('submit'),
    modifyNs: own('modify'),
    cancelNs: own('cancel'),
    responseNs: own('response'),
  }
}

/** Nanoseconds as a number that is exact. */
export function nanosNumber(nanos: bigint, field: string): number {
  if (nanos > BigInt(Number.MAX_SAFE_INTEGER)) throw refused(field, nanos, 'less than 104 days')
  return Number(nanos)
}

function completeFees(model: FeeModel, field: string): NativeFees {
  oneOf(model?.type, `${field}.type`, ['none', 'perContract', 'bps', 'tiered', 'custom'])
  switch (model.type) {
    case 'none':
      checkKeys(model, field, ['type'])
      return { type: 'none' }
    case 'tiered': {
      checkKeys(model, field, ['type', 'tiers'])
      if (!Array.isArray(model.tiers)) throw refused(`${field}.tiers`, model.tiers, 'a list of { from, maker, taker }')
      const tiers = model.tiers.map((tier, index): [string, number, number] => {
        const place = `${field}.tiers[${index}]`
        checkKeys(tier, place, ['from', 'maker', 'taker'])
        const rate = (name: 'maker' | 'taker'): number => finite(tier[name], `${place}.${name}`, -10_000, 10_000)
        return [decimalText(tier.from, `${place}.from`), rate('maker'), rate('taker')]
      })
      return { type: 'tiered', tiers }
    }
    case 'bps':
      checkKeys(model, field, ['type', 'maker', 'taker'])
      return {
        type: 'bps',
        maker: decimalText(model.maker, `${field}.maker`),
        taker: decimalText(model.taker, `${field}.taker`),
      }
    case 'custom':
      checkKeys(model, field, ['type', ...customKeys])
      return { type: 'custom', ...completeCustom(model, field) }
    case 'perContract': {
      checkKeys(model, field, ['type', 'maker', 'taker', 'minimum', 'maximumBps'])
      const { minimum, maximumBps } = model
      return {
        type: 'perContract',
        maker: decimalText(model.maker, `${field}.maker`),
        taker: decimalText(model.taker, `${field}.taker`),
        minimum: minimum === undefined ? null : decimalText(minimum, `${field}.minimum`),
        maximumBps: maximumBps === undefined ? null : finite(maximumBps, `${field}.maximumBps`, 0, 10_000),
      }
    }
  }
}

function completeSlippage(model: SlippageModel, field: string): NativeVenue['slippage'] {
  oneOf(model?.type, `${field}.type`, ['none', 'bps', 'spread', 'volumeShare', 'custom'])
  switch (model.type) {
    case 'none':
      checkKeys(model, field, ['type'])
      return { type: 'none' }
    case 'bps':
      checkKeys(model, field, ['type', 'bps', 'onOpening'])
      return {
        type: 'bps',
        bps: finite(model.bps, `${field}.bps`, 0, 10_000),
        onOpening: flag(model.onOpening ?? false, `${field}.onOpening`),
      }
    case 'spread':
      checkKeys(model, field, ['type', 'fraction'])
      return { type: 'spread', fraction: finite(model.fraction, `${field}.fraction`, 0, 100) }
    case 'custom':
      checkKeys(model, field, ['type', ...customKeys])
      return { type: 'custom', ...completeCustom(model, field) }
    case 'volumeShare':
      checkKeys(model, field, ['type', 'priceImpact'])
      return { type: 'volumeShare', priceImpact: finite(model.priceImpact, `${field}.priceImpact`, 0, 100) }
  }
}

function completeImpact(model: ImpactModel, field: string): NativeImpact {
  oneOf(model?.type, `${field}.type`, ['none', 'linear', 'squareRoot', 'almgren'])
  const number = (value: number | undefined, name: string): number => finite(value, `${field}.${name}`, 0, 1e18)
  switch (model.type) {
    case 'none':
      checkKeys(model, field, ['type'])
      return { type: 'none' }
    case 'linear':
      checkKeys(model, field, ['type', 'bpsPerMillion'])
      return { type: 'linear', bpsPerMillion: finite(model.bpsPerMillion, `${field}.bpsPerMillion`, 0, 10_000) }
    case 'squareRoot':
      checkKeys(model, field, ['type', 'coefficient', 'dailyVolatility', 'dailyVolume'])
      return {
        type: 'squareRoot',
        coefficient: number(model.coefficient, 'coefficient'),
        dailyVolatility: number(model.dailyVolatility, 'dailyVolatility'),
        dailyVolume: number(model.dailyVolume, 'dailyVolume'),
      }
    case 'almgren':
      checkKeys(model, field, ['type', 'dailyVolatility', 'dailyVolume', 'sharesOutstanding', 'duration', 'halfLife'])
      return {
        type: 'almgren',
        dailyVolatility: number(model.dailyVolatility, 'dailyVolatility'),
        dailyVolume: number(model.dailyVolume, 'dailyVolume'),
        sharesOutstanding: number(model.sharesOutstanding, 'sharesOutstanding'),
        duration: number(model.duration ?? 1, 'duration'),
        halfLifeNs: nanosNumber(parseDuration(model.halfLife ?? 0, `${field}.halfLife`), `${field}.halfLife`),
      }
  }
}
