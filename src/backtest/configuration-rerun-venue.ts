/** From the completed models of the exchange back to options. */

import type { DelayModel, FeeModel, ImpactModel, LatencyModel, VenueOptions } from './configuration-models.ts'
import type {
  NativeDelay,
  NativeFees,
  NativeImpact,
  NativeLatency,
  NativeRunConfiguration,
} from './configuration-native.ts'
import { repeatQueue } from './configuration-queue.ts'
import type { Duration } from './configuration-values.ts'
import { repeatCustom } from './custom-models.ts'

const nanos = (value: number): Duration => BigInt(value)

/** Options that complete to these models again. */
export function repeatVenue(venue: NativeRunConfiguration['venue']): VenueOptions {
  const { fill } = venue
  const { referenceQuantity, tiers, volumeLimit } = fill
  return {
    latency: repeatLatency(venue.latency),
    fees: repeatFees(venue.fees),
    fill: {
      ...(tiers == null && fill.custom == null ? { probabilityAtTouch: fill.probabilityAtTouch } : {}),
      ...(referenceQuantity == null ? {} : { referenceQuantity }),
      ...(tiers == null ? {} : { tiers: tiers.map(([upTo, probability]) => ({ upTo, probability })) }),
      fillAt: fill.fillAt,
      beyondDisplay: fill.beyondDisplay,
      barPath: fill.barPath,
      ...(volumeLimit == null ? {} : { volumeLimit }),
      ...(fill.custom == null ? {} : { custom: repeatCustom(fill.custom) }),
    },
    queue: repeatQueue(venue),
    slippage: venue.slippage.type === 'custom' ? { type: 'custom', ...repeatCustom(venue.slippage) } : venue.slippage,
    impact: repeatImpact(venue.impact),
    ...(venue.stress == null ? {} : { stress: venue.stress }),
  }
}

function repeatLatency(latency: NativeLatency): LatencyModel {
  switch (latency.type) {
    case 'fixed':
      return {
        type: 'fixed',
        network: 0,
        submit: nanos(latency.submitNs),
        modify: nanos(latency.modifyNs),
        cancel: nanos(latency.cancelNs),
        response: nanos(latency.responseNs),
      }
    case 'drawn':
      return {
        type: 'drawn',
        submit: repeatDelay(latency.submit),
        modify: repeatDelay(latency.modify),
        cancel: repeatDelay(latency.cancel),
        response: repeatDelay(latency.response),
      }
    case 'recorded': {
      const rows = latency.rows.map(([request, exchange, response]) => ({
        request: BigInt(request),
        exchange: BigInt(exchange),
        response: BigInt(response),
      }))
      return { type: 'recorded', rows }
    }
  }
}

function repeatDelay(delay: NativeDelay): DelayModel {
  switch (delay.type) {
    case 'fixed':
      return nanos(delay.ns)
    case 'normal': {
      const { meanNs, deviationNs, floorNs } = delay
      return { type: 'normal', mean: nanos(meanNs), deviation: nanos(deviationNs), floor: nanos(floorNs) }
    }
    case 'logNormal':
      return { type: 'logNormal', median: nanos(delay.medianNs), sigma: delay.sigma, floor: nanos(delay.floorNs) }
  }
}

function repeatFees(fees: NativeFees): FeeModel {
  if (fees.type === 'tiered') {
    return { type: 'tiered', tiers: fees.tiers.map(([from, maker, taker]) => ({ from, maker, taker })) }
  }
  if (fees.type === 'custom') return { type: 'custom', ...repeatCustom(fees) }
  if (fees.type !== 'perContract') return fees
  const { minimum, maximumBps, ...rest } = fees
  return { ...rest, ...(minimum == null ? {} : { minimum }), ...(maximumBps == null ? {} : { maximumBps }) }
}

function repeatImpact(impact: NativeImpact): ImpactModel {
  if (impact.type !== 'almgren') return impact
  const { halfLifeNs, ...rest } = impact
  return { ...rest, halfLife: nanos(halfLifeNs) }
}
