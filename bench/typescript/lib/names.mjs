/** The benchmarks of runs in Node, in the order in which they run. */
export const nodeBenches = ['start', 'order book', 'delivery', 'bars', 'quotes', 'trades', 'inflate', 'memory']
