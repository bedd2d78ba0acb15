/** Longest key and name that a step takes, in characters. */
export const LONGEST_KEY = 512;
