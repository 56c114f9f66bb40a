import type UPlot from 'uplot'

/** A chart. */
export type Chart = UPlot
/** The options of a chart. */
export type ChartOptions = UPlot.Options
/** The options of a line. */
export type SeriesOptions = UPlot.Series
/** The options of an axis. */
export type AxisOptions = UPlot.Axis
/** One x column and its y columns. */
export type AlignedData = UPlot.AlignedData
