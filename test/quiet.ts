// A logger for parts that ask for one, where nobody reads it.
import pino from "pino";

export const quiet = pino({ enabled: false });
