import { z } from 'zod';

/** A time as answers and arguments write it: ISO 8601 in UTC. */
export const time = z.iso.datetime();
