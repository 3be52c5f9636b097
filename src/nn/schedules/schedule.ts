/** A learning rate that depends on the step: its settings, complete, as plain data. */
export interface ScheduleConfig {
  readonly name: string;
}

/**
 * A way for the learning rate to change, with Keras' name, options, defaults and formulas. Rates are computed in float64 of
 * operations that IEEE 754 fixes, so that they have the same bits in every JavaScript engine. See registry.ts for who asks.
 */
export interface ScheduleDefinition<C extends ScheduleConfig = ScheduleConfig> {
  readonly name: C['name'];
  /** The complete settings. @throws OptionError for one out of range, or one that is not known */
  configure(options: object): C;
  /** The learning rate of a step; the first is step 0, as Keras counts its iterations. */
  rate(config: C, step: number): number;
}
