import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { TickforgeError } from '../src/errors.ts'
import { CommandKind, RowFlag } from '../src/strategy/columns.ts'
import type { Context } from '../src/strategy/context.ts'
import { Driver, type RunProgress } from '../src/strategy/driver.ts'
import type { OrderHandle } from '../src/strategy/order-handle.ts'
import type { Fill, OrderReport, Timer } from '../src/strategy/report-views.ts'
import { type MarketData, type OrderEvent, Strategy } from '../src/strategy/strategy.ts'
import type { Quote, Trade } from '../src/strategy/views.ts'
import { play, report, setUp, trade } from './strategy-fake-run.ts'

const error = async (promise: Promise<unknown>): Promise<TickforgeError> => {
  const thrown: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(TickforgeError)
  return thrown as TickforgeError
}

describe('the pull loop', () => {
  it('calls the handlers in the order of the rows, the catch-alls after their own', async () => {
    const calls: string[] = []
    class Everything extends Strategy {
      static override data = { trades: true, quotes: true }
      override onStart(ctx: Context): void {
        calls.push(`start ${ctx.time}`)
      }
      override onTrade(at: Trade): void {
        calls.push(`trade ${at.price} ${at.quantity} ${at.side} ${at.bid} ${at.tsNanos}`)
      }
      override onQuote(at: Quote): void {
        calls.push(`quote ${at.bid} ${at.ask} ${at.bidSize} ${at.askCount} ${at.mid} ${at.spread}`)
      }
      override onData(data: MarketData): void {
        calls.push(`data ${data.kind} ${data.symbol}`)
      }
      override onTimer(timer: Timer): void {
        calls.push(`timer ${timer.id} ${timer.name}`)
      }
      override onOrder(at: OrderReport): void {
        calls.push(`order ${at.kind} ${at.code}`)
      }
      override onFill(fill: Fill): void {
        calls.push(`fill ${fill.side} ${fill.quantity}@${fill.price} ${fill.liquidity} ${fill.fee}`)
      }
      override onEvent(event: OrderEvent): void {
        calls.push(`event ${event.kind}`)
      }
      override onStop(ctx: Context): void {
        calls.push(`stop ${ctx.time}`)
      }
    }
    await play({
      strategies: [new Everything()],
      rows: [
        { kind: 'start', time: 1 },
        trade(2.5, 10, 3),
        { kind: 'quote', time: 3, bid: 10, ask: 10.5, bidSize: 4, askCount: 2 },
        { kind: 'timer', time: 4, extra: 7 },
        report(5, { kind: 'denied', order: 1, detail: 5 }),
        report(6, { kind: 'filled', order: 1, detail: 1 | (1 << 1), price: 9.5, quantity: 2, fee: 0.25 }),
        { kind: 'stop', time: 9 },
      ],
    })
    expect(calls).toEqual([
      'start 1',
      'trade 10 3 buy 9.99 2500000',
      'data trade AAA',
      'quote 10 10.5 4 2 10.25 0.5',
      'data quote AAA',
      'timer 7 timer-7',
      'order denied ERR_RISK_MAX_POSITION',
      'event denied',
      'fill sell 2@9.5 taker 0.25',
      'event filled',
      'stop 9',
    ])
  })

  it('ends a step at the row whose handler gave a command, and sees the rest again', async () => {
    const seen: number[] = []
    class Buyer extends Strategy {
      static override data = { trades: true }
      override onTrade({ price }: Trade, ctx: Context): void {
        seen.push(price)
        if (price === 2 || price === 4) ctx.buy({ quantity: price })
      }
    }
    const { run, outcome } = await play({
      strategies: [new Buyer()],
      rows: [1, 2, 3, 4, 5].map(price => trade(price, price)),
    })
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect(run.steps.map(({ consumed, commands }) => [consumed, commands.map(({ amount }) => amount)])).toEqual([
      [2, [2]],
      [2, [4]],
      [1, []],
    ])
    expect(outcome).toEqual({ aborted: false, rows: 5, steps: 3 })
  })

  it('gives the commands of one row together, in the order of the calls', async () => {
    class Busy extends Strategy {
      override onStart(ctx: Context): void {
        const first = ctx.buy({ quantity: 1 })
        ctx.every('1s')
        first.cancel()
        ctx.subscribe('quotes')
        ctx.unsubscribe('trades')
        ctx.cancelAll()
        ctx.stop()
      }
    }
    const { run } = await play({ strategies: [new Busy()], rows: [{ kind: 'start', time: 5 }] })
    const { submit, setTimer, cancel, subscribe, unsubscribe, cancelAll, stop } = CommandKind
    expect(run.all.map(({ kind }) => kind)).toEqual([submit, setTimer, cancel, subscribe, unsubscribe, cancelAll, stop])
    expect(run.all[1]).toMatchObject({ number: 1, at: 1_005_000_000n, every: 1_000_000_000n })
    expect(run.all[5]).toMatchObject({ instrument: 0xffff_ffff })
  })

  it('feeds the past but calls no handler while warming up', async () => {
    const calls: string[] = []
    class Patient extends Strategy {
      static override data = { trades: true }
      override onTrade(at: Trade, ctx: Context): void {
        const past = ctx.recentTrades(10).map(({ price, side }) => `${price}${side}`)
        calls.push(`${at.price} after ${past.join()}`)
      }
    }
    const flags = RowFlag.warmUp | RowFlag.aggressorSell
    await play({ strategies: [new Patient()], rows: [trade(1, 7, 1, { flags }), trade(2, 8, 1, { flags: 0 })] })
    expect(calls).toEqual(['8 after 7sell,8undefined'])
  })

  it('calls only the strategy that the row is for', async () => {
    class Listener extends Strategy {
      static override data = { trades: true }
      readonly seen: number[] = []
      override onTrade({ price }: Trade, ctx: Context): void {
        this.seen.push(price)
        if (price === 2) ctx.buy({ quantity: 1 })
      }
    }
    const [first, second] = [new Listener(), new Listener()]
    const { run } = await play({
      strategies: [first, second],
      rows: [1, 2, 3, 4].map(price => trade(price, price, 1, { strategy: price % 2 === 0 ? 1 : 0 })),
    })
    expect([first.seen, second.seen]).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(run.all).toHaveLength(1)
    expect(run.all[0]).toMatchObject({ strategy: 1, number: 1 })
  })
})

describe('what goes wrong in a handler', () => {
  it('names strategy, handler, time, row and line, and keeps the original as the cause', async () => {
    class Faulty extends Strategy {
      static override data = { trades: true }
      override onTrade({ price }: Trade): void {
        if (price === 3) throw new RangeError('three is too many')
      }
    }
    const rows = [1, 2, 3].map(price => trade(price * 1000, price))
    const { code, message, details, cause } = await error(play({ strategies: [new Faulty()], rows }))
    expect(code).toBe('ERR_STRATEGY_THREW')
    expect(message).toMatch(
      /^s0\.onTrade threw at 1970-01-01T00:00:03\.000Z, row 2: three is too many \(.*strategy-driver\.test\.ts:\d+:\d+\)$/,
    )
    expect(details).toMatchObject({ strategy: 's0', handler: 'onTrade', row: 2, time: 3000, tsNanos: '3000000000' })
    expect(cause).toBeInstanceOf(RangeError)
  })

  it('points to the line of the call that was refused', async () => {
    class Careless extends Strategy {
      override onStart(ctx: Context): void {
        ctx.buy({ quantity: 1, price: 10.005 })
      }
    }
    const { details, cause } = await error(play({ strategies: [new Careless()], rows: [{ kind: 'start' }] }))
    expect(details['code']).toBe('ERR_ORDER_OFF_TICK')
    expect(details['location']).toMatch(/strategy-driver\.test\.ts:\d+:\d+$/)
    expect((cause as TickforgeError).code).toBe('ERR_ORDER_OFF_TICK')
  })

  it('refuses a handler that returns a promise, and hands over none of its commands', async () => {
    class Async extends Strategy {
      override async onStart(ctx: Context): Promise<void> {
        ctx.buy({ quantity: 1 })
        throw new Error('nobody waits for this')
      }
    }
    const { run, driver } = setUp({ strategies: [new Async()], rows: [{ kind: 'start' }] })
    const { code, details } = await error(driver.drive())
    expect(code).toBe('ERR_STRATEGY_ASYNC')
    expect(details).toMatchObject({ strategy: 's0', handler: 'onStart' })
    expect(run.steps).toEqual([])
  })

  it('refuses orders outside of handlers', async () => {
    const kept: { ctx?: Context; order?: OrderHandle } = {}
    class Leaky extends Strategy {
      override onStart(ctx: Context): void {
        kept.ctx = ctx
        kept.order = ctx.buy({ quantity: 1 })
      }
    }
    const { run } = await play({ strategies: [new Leaky()], rows: [{ kind: 'start' }] })
    const { ctx, order } = kept
    for (const call of [
      () => ctx?.buy({ quantity: 1 }),
      () => ctx?.target({ percent: 1 }),
      () => order?.cancel(),
      () => order?.modify({ quantity: 2 }),
      () => ctx?.cancelAll(),
      () => ctx?.setTimer('1s'),
      () => ctx?.stop(),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_OUTSIDE' }))
    }
    expect(run.all).toHaveLength(1)
  })

  it('reports what the engine says when a run fails', async () => {
    class Idle extends Strategy {}
    const failure = JSON.stringify({ code: 'ERR_FEED_OUT_OF_ORDER', message: 'row 7', details: { row: 7 } })
    const broken = play({ strategies: [new Idle()], rows: [], prepare: run => (run.failure = failure) })
    expect(await error(broken)).toMatchObject({ code: 'ERR_FEED_OUT_OF_ORDER', message: 'row 7', details: { row: 7 } })
  })

  it('refuses an instance that has run, and an addon of another build', async () => {
    class Idle extends Strategy {}
    const strategy = new Idle()
    const { run } = await play({ strategies: [strategy], rows: [] })
    const options = { strategies: [{ strategy, aliases: {}, warmupBars: 0 }], initialCash: 1 }
    expect(() => new Driver(run, options)).toThrow(expect.objectContaining({ code: 'ERR_STRATEGY_USED' }))
    Object.assign(run.description, { layoutVersion: 999 })
    expect(() => new Driver(run, options)).toThrow(expect.objectContaining({ code: 'ERR_NATIVE_LAYOUT' }))
  })
})

describe('views in debug mode', () => {
  it('throw once their handler has returned, and copies do not', async () => {
    let kept: Trade | undefined
    let copy: Trade | undefined
    class Keeper extends Strategy {
      static override data = { trades: true }
      override onTrade(at: Trade): void {
        if (kept !== undefined) expect(() => kept?.price).toThrow(expect.objectContaining({ code: 'ERR_VIEW_EXPIRED' }))
        kept = at
        copy ??= at.copy()
      }
    }
    await play({ strategies: [new Keeper()], rows: [trade(1, 5), trade(2, 6)], options: { debug: true } })
    expect(() => kept?.price).toThrow(expect.objectContaining({ code: 'ERR_VIEW_EXPIRED' }))
    expect(copy).toMatchObject({ kind: 'trade', symbol: 'AAA', price: 5, side: 'buy', tsNanos: 1_000_000n })
    expect(copy?.copy()).toBe(copy)
  })

  it('print as plain data rather than as the columns of the run', async () => {
    const printed: string[] = []
    class Printer extends Strategy {
      static override data = { trades: true }
      override onTrade(at: Trade, ctx: Context): void {
        printed.push(inspect(at, { breakLength: Infinity }), JSON.stringify(at), inspect(ctx.buy({ quantity: 1 })))
      }
    }
    await play({ strategies: [new Printer()], rows: [trade(1, 5)] })
    expect(printed[0]).toMatch(/^\{ kind: 'trade', symbol: 'AAA', time: 1, tsNanos: '1000000', .*price: 5, quantity: 1/)
    expect(JSON.parse(printed[1]!)).toMatchObject({ kind: 'trade', price: 5, side: 'buy', bid: 4.99 })
    expect(printed[2]).toContain("status: 'pending'")
  })
})

describe('a run under watch', () => {
  it('ends early at its signal, keeps what was done, and still calls onStop', async () => {
    const control = new AbortController()
    const calls: string[] = []
    class Watched extends Strategy {
      static override data = { trades: true }
      override onTrade({ price }: Trade): void {
        calls.push(`trade ${price}`)
      }
      override onStop(): void {
        calls.push('stop')
      }
    }
    const progress: RunProgress[] = []
    const { run, outcome } = await play(
      {
        strategies: [new Watched()],
        rows: [trade(1, 1), trade(2, 2), { kind: 'stop', time: 2 }],
        prepare: run => {
          run.stepRows = 1
          run.answer = (_, { steps }) => {
            // After its first row the engine asks for a turn of the event loop.
            if (steps.length === 1) run.emptySteps = 1
          }
        },
      },
      {
        signal: control.signal,
        onProgress: at => {
          progress.push(at)
          control.abort()
        },
      },
    )
    expect(calls).toEqual(['trade 1', 'stop'])
    expect(run.aborted).toBe(true)
    expect(outcome).toMatchObject({ aborted: true, rows: 2 })
    expect(progress.map(({ fraction }) => fraction)).toEqual([0.5, 1])
  })

  it('gives the event loop turns during a long run', async () => {
    class Idle extends Strategy {
      static override data = { trades: true }
      override onTrade(_: Trade): void {}
    }
    let ticks = 0
    const ticking = setInterval(() => ticks++, 5)
    const begin = performance.now()
    await play({
      strategies: [new Idle()],
      rows: [trade(1, 1)],
      prepare: run => {
        run.answer = () => {
          if (performance.now() - begin < 250) run.queue.push(trade(1, 1))
        }
      },
    })
    clearInterval(ticking)
    expect(ticks).toBeGreaterThanOrEqual(4)
  })

  it('replays at the pace that was asked for', async () => {
    const walls: number[] = []
    class Paced extends Strategy {
      static override data = { trades: true }
      override onTrade(_: Trade): void {
        walls.push(performance.now())
      }
    }
    const rows = [trade(1000, 1), trade(1400, 2), trade(1800, 3)]
    await play({ strategies: [new Paced()], rows, prepare: run => (run.stepRows = 1) }, { replaySpeed: 10 })
    expect(walls[1]! - walls[0]!).toBeGreaterThanOrEqual(36)
    expect(walls[2]! - walls[0]!).toBeGreaterThanOrEqual(76)
  })

  it('stops waiting for a row of the far future at its signal', async () => {
    class Idle extends Strategy {
      static override data = { trades: true }
      override onTrade(_: Trade): void {}
    }
    const control = new AbortController()
    setTimeout(() => control.abort(), 20)
    const rows = [trade(0, 1), trade(3_600_000, 2), trade(7_200_000, 3)]
    const { outcome } = await play(
      { strategies: [new Idle()], rows, prepare: run => (run.stepRows = 1) },
      { replaySpeed: 1, signal: control.signal },
    )
    expect(outcome.aborted).toBe(true)
    expect(outcome.rows).toBeLessThan(3)
  })
})
