import type { FillColumns, ReportData, ReportRoundTrip } from '../src/report/data.ts'

/** A seeded generator of numbers from 0 to 1 (Mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A generated run: a random walk on a quarter tick, traded by a strategy that follows its average. */
export function sampleReport(points = 6000, seed = 7): ReportData {
  const next = random(seed)
  const from = Date.UTC(2023, 11, 25, 23, 0, 0)
  const step = 21_600_000 / points
  const time = new Float64Array(points)
  const mid = new Float64Array(points)
  const low = new Float64Array(points)
  const high = new Float64Array(points)
  const average = new Float64Array(points)
  const imbalance = new Float64Array(points)
  const equity = new Float64Array(points)
  const position = { time: [from], position: [0] }
  const fills: Record<keyof FillColumns, number[]> = {
    time: [],
    price: [],
    quantity: [],
    side: [],
    liquidity: [],
    instrument: [],
    strategy: [],
    order: [],
    fee: [],
  }
  const roundTrips: ReportRoundTrip[] = []
  let price = 4800
  let mean = price
  let held = 0
  let cash = 100_000
  let fees = 0
  let entry = { time: from, price, side: 0 as 0 | 1, quantity: 0 }
  for (let i = 0; i < points; i++) {
    const at = from + i * step + next() * step * 0.9
    price = Math.round((price + (next() - 0.497) * 1.6 + Math.sin(i / 300) * 0.05) * 4) / 4
    mean += (price - mean) * 0.02
    time[i] = at
    mid[i] = price
    low[i] = price - 0.25 - Math.floor(next() * 3) * 0.25
    high[i] = price + 0.25 + Math.floor(next() * 3) * 0.25
    average[i] = i < 50 ? Number.NaN : mean
    imbalance[i] = Math.tanh((next() - 0.5) * 3)
    if (next() < 0.03 && i > 50) {
      const side = held > 3 ? 1 : held < -3 ? 0 : next() < 0.5 ? 0 : 1
      const quantity = 1 + Math.floor(next() * 2)
      const signed = side === 0 ? quantity : -quantity
      const before = held
      held += signed
      cash -= signed * price * 50
      fees += quantity * 0.85
      fills.time.push(at)
      fills.price.push(side === 0 ? price - 0.25 : price + 0.25)
      fills.quantity.push(quantity)
      fills.side.push(side)
      fills.liquidity.push(next() < 0.8 ? 0 : 1)
      fills.instrument.push(0)
      fills.strategy.push(0)
      fills.order.push(fills.order.length + 1)
      fills.fee.push(quantity * 0.85)
      position.time.push(at)
      position.position.push(held)
      if (before === 0) entry = { time: at, price, side, quantity }
      if (before !== 0 && Math.sign(held) !== Math.sign(before)) {
        const sign = entry.side === 0 ? 1 : -1
        const gross = sign * (price - entry.price) * 50 * entry.quantity
        roundTrips.push({
          strategy: 0,
          instrument: 0,
          side: entry.side,
          entryTime: entry.time,
          exitTime: at,
          quantity: entry.quantity,
          entryPrice: entry.price,
          exitPrice: price,
          pnl: gross - entry.quantity * 1.7,
          fees: entry.quantity * 1.7,
          mae: Math.max(0, -gross) + next() * 120,
          mfe: Math.max(0, gross) + next() * 120,
        })
        entry = { time: at, price, side, quantity: Math.max(Math.abs(held), 1) }
      }
    }
    equity[i] = cash + held * price * 50 - fees
  }
  const pnl = (equity[points - 1] as number) - 100_000
  const bounds = Array.from({ length: 41 }, (_, i) => 60_000 * 1.12 ** i)
  const counts = Array.from({ length: 40 }, (_, i) =>
    Math.round(900 * Math.exp(-((i - 9) ** 2) / 40) * (0.7 + next() * 0.6)),
  )
  return {
    title: 'Quoter on ESH4',
    strategies: ['quoter'],
    period: { from, to: time[points - 1] as number },
    currency: 'USD',
    stateHash: '3f1c9a52b7e04d6688a1c05e94d7f3b21e6a77cc0f4b4d9a8823d1e5b0c6f791',
    seed: 42,
    engineVersion: '0.1.0',
    instruments: [
      {
        symbol: 'ESH4',
        kind: 'future',
        tickSize: 0.25,
        lotSize: 1,
        multiplier: 50,
        currency: 'USD',
        venue: 'CME',
        origin: 'built-in table of futures',
      },
    ],
    models: [
      { label: 'Latency', value: 'fixed: network 50 µs, processing 10 µs' },
      { label: 'Queue', value: 'exact place in the recorded L3 queue' },
      { label: 'Fees', value: '0.85 USD per contract' },
      { label: 'Impact', value: 'linear, 0.5 bps per million' },
      { label: 'Data latency', value: 'as recorded' },
    ],
    data: [
      {
        name: 'esh4-glbx-mdp3-20231225.mbo.dbn.zst',
        detail: 'mbo, 68,792 records',
        sha256: '9c1185a5c5e9fc54612808977ee8f548b2258d31b2c8d1f4f3c2a6f1d0b7e8aa',
      },
    ],
    warnings: ['The terms of ESH4 come from the built-in table of futures; name them in the configuration to be sure.'],
    figures: {
      totalPnl: pnl,
      returnFraction: pnl / 100_000,
      sharpe: null,
      maxDrawdown: 2140.55,
      maxDrawdownFraction: 0.0211,
      winRate: roundTrips.filter(trip => trip.pnl > 0).length / Math.max(roundTrips.length, 1),
      trades: roundTrips.length,
      fills: fills.time.length,
      fillRatio: 0.314,
      fees,
      volume: fills.quantity.reduce((sum, quantity) => sum + quantity, 0),
      averageTradeDurationMs: 412_300,
      notes: { sharpe: 'n = 1 day' },
    },
    prices: [{ instrument: 0, name: 'mid', time, value: mid, low, high }],
    plots: [
      { name: 'ema(50)', strategy: 0, panel: 'price', instrument: 0, time, value: average },
      { name: 'imbalance', strategy: 0, panel: 'Book imbalance', time, value: imbalance },
    ],
    fills,
    explain: 'tickforge explain results',
    equity: [{ name: 'quoter', time, equity }],
    positions: [{ name: 'quoter ESH4', ...position }],
    orders: {
      columns: ['', 'quoter'],
      rows: [
        ['Submitted', 614],
        ['Accepted', 601],
        ['Filled, at least in part', fills.time.length],
        ['Cancelled', 402],
        ['Rejected by the venue', 4],
        ['Denied by risk checks', 9],
        ['Maker share of volume', '81.2 %'],
        ['Largest position', 5],
      ],
    },
    sessions: {
      columns: ['Session', 'Events', 'Fills', 'Volume', 'P&L (USD)'],
      rows: [
        ['2023-12-26', 68_792, fills.time.length, 268, pnl.toFixed(2)],
        ['2023-12-27', 0, 0, null, null],
      ],
    },
    roundTrips,
    latency: [
      {
        name: 'Feed: exchange to strategy',
        bounds,
        counts,
        percentiles: [
          { label: 'p50', ns: 119_000 },
          { label: 'p90', ns: 410_000 },
          { label: 'p99', ns: 1_790_000 },
          { label: 'max', ns: 5_210_000 },
        ],
      },
      {
        name: 'Order: strategy to venue',
        bounds: [60_000, 61_000],
        counts: [601],
        percentiles: [{ label: 'all', ns: 60_000 }],
      },
    ],
    log: [
      { time: from + 12.345678, strategy: 0, text: 'started; quoting 2 ticks wide' },
      { time: from + 3_600_000, strategy: 0, text: 'inventory limit reached: flattening by market order' },
    ],
  }
}
