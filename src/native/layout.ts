// Generated from crates/engine/src/columns.rs by `npm run layout`; do not edit.

export const LAYOUT_VERSION = 2;
export const ROWS = 128;
export const COMMANDS = 4096;
export const EVENT_COLUMNS_SIZE = 19472;
export const COMMAND_COLUMNS_SIZE = 442384;
export const VIEW_TABLE_SIZE = 528;

/** Byte offsets of the EVENT columns. */
export const EVENT = {
  tsNanos: 0,
  tsEvent: 1024,
  timeMs: 2048,
  bid: 3072,
  ask: 4096,
  bidSize: 5120,
  askSize: 6144,
  p0: 7168,
  p1: 8192,
  p2: 9216,
  p3: 10240,
  p4: 11264,
  p5: 12288,
  p6: 13312,
  p7: 14336,
  kind: 15360,
  strategy: 15872,
  instrument: 16384,
  flags: 16896,
  extra: 17408,
  bidCount: 17920,
  askCount: 18432,
  orderStatus: 18944,
  rows: 19456,
  status: 19460,
  version: 19464,
  progress: 19468,
} as const;

/** Byte offsets of the COMMAND columns. */
export const COMMAND = {
  number: 0,
  price: 32768,
  amount: 65536,
  trigger: 98304,
  trail: 131072,
  limitOffset: 163840,
  display: 196608,
  parent: 229376,
  group: 262144,
  terms: 425984,
  at: 294912,
  every: 327680,
  kind: 360448,
  strategy: 376832,
  instrument: 393216,
  flags: 409600,
  count: 442368,
  consumed: 442372,
  version: 442376,
  abort: 442380,
} as const;

/** Byte offsets of the VIEW columns. */
export const VIEW = {
  bid: 0,
  ask: 8,
  bidSize: 16,
  askSize: 24,
  bidLevels: 32,
  askLevels: 40,
  price: 48,
  quantity: 208,
  count: 368,
} as const;
