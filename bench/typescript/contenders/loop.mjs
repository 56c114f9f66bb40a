// The bound of every delivery: a JavaScript loop over rows that lie in memory already, a view moved along, a handler
// called through its strategy.
const most = 64

class Columns {
  row = 0
  bid = new Float64Array(most)
  askSize = new Float64Array(most)
  kind = new Uint32Array(most).fill(2)
  constructor() {
    for (let at = 0; at < most; at++) {
      this.bid[at] = 100 + at
      this.askSize[at] = at
    }
  }
}

class View {
  constructor(columns) {
    this.columns = columns
  }
  get bid() {
    const { columns } = this
    return columns.bid[columns.row]
  }
  get askSize() {
    const { columns } = this
    return columns.askSize[columns.row]
  }
}

class Sums {
  rows = 0
  sum = 0
  onQuote(quote) {
    this.rows++
    this.sum += quote.bid + quote.askSize
  }
  onTrade() {
    this.rows--
  }
}

function walk(columns, strategy, view, rows) {
  for (let row = 0; row < rows; row++) {
    columns.row = row
    switch (columns.kind[row]) {
      case 1:
        strategy.onTrade(view)
        break
      case 2:
        strategy.onQuote(view)
        break
    }
  }
}

/** `{ rows, stepRows }` */
export async function run({ rows, stepRows }) {
  const columns = new Columns()
  const strategy = new Sums()
  const view = new View(columns)
  const begin = performance.now()
  for (let left = rows; left > 0; left -= stepRows) walk(columns, strategy, view, Math.min(stepRows, left))
  const seconds = (performance.now() - begin) / 1000
  return { seconds, answer: `${strategy.rows} ${strategy.sum}` }
}
