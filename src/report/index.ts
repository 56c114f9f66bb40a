export type { ComparableResult, Comparison, FigureDifference, FillDifference } from './compare.ts'
export { compareResults } from './compare.ts'
export type {
  EquitySeries,
  FillColumns,
  KeyFigures,
  Labelled,
  LatencyHistogram,
  Numbers,
  PlotSeries,
  PositionSeries,
  PriceSeries,
  ReportData,
  ReportDataFile,
  ReportInstrument,
  ReportLogLine,
  ReportRoundTrip,
  ReportTable,
} from './data.ts'
export { renderReport } from './render.ts'
export { writeReport } from './write.ts'
