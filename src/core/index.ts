/** Building blocks that work alone: `import … from 'tickforge/core'`. */
export { type ErrorCode, errorCodes, TickforgeError, type TickforgeErrorOptions } from '../errors.ts'
export {
  type BestPrices,
  BookBase,
  type BookDepth,
  type BookLevel,
  type BookOptions,
  type BookSide,
  type LevelOperations,
  SettableBook,
} from './book-options.ts'
export { LevelBook, QuoteBook } from './level-book.ts'
export {
  type AuctionIndication,
  type MarketPhase,
  type MatchAllocation,
  MatchCommand,
  type MatchCommands,
  type MatchEvent,
  MatchingEngine,
  type MatchingEngineOptions,
  type MatchLevel,
  type MatchOrder,
  type MatchOrderId,
  type RestingOrder,
  type SelfTradePrevention,
} from './matching-engine.ts'
export {
  BookOperation,
  type BookOrder,
  type BookOrderId,
  OrderBook,
  type OrderOperations,
  type QueuePosition,
} from './order-book.ts'
