import type { Endpoint } from '../endpoint.ts';
import { concurrent } from './concurrent.ts';
import { control } from './control.ts';
import { down } from './down.ts';
import { echo } from './echo.ts';
import { flaky } from './flaky.ts';
import { limited } from './limited.ts';
import { reset } from './reset.ts';
import { slow } from './slow.ts';
import { stats } from './stats.ts';
import { status } from './status.ts';

/** Every endpoint, in the order in which `GET /` lists them. */
export const endpoints: readonly Endpoint[] = [
	flaky,
	down,
	slow,
	limited,
	status,
	concurrent,
	echo,
	control,
	stats,
	reset,
];
