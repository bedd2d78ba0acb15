import { hostname } from 'node:os';

import { createPermitIds, systemClock, workerName } from '../../../adapters/system';

describe('the system clock', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	it('runs a callback once, after its delay, unless it is cancelled', () => {
		const callback = jest.fn();
		systemClock.schedule(callback, 100);
		const cancel = systemClock.schedule(callback, 100);
		jest.advanceTimersByTime(99);
		expect(callback).not.toHaveBeenCalled();
		cancel();
		jest.advanceTimersByTime(10_000);
		expect(callback).toHaveBeenCalledTimes(1);
		cancel();
	});

	it('waits for as long as a year, which is longer than a timer of Node can', () => {
		const YEAR = 366 * 86_400_000;
		const callback = jest.fn();
		systemClock.schedule(callback, YEAR);
		const cancel = systemClock.schedule(callback, YEAR);
		jest.advanceTimersByTime(YEAR - 1);
		expect(callback).not.toHaveBeenCalled();
		cancel();
		jest.advanceTimersByTime(1);
		expect(callback).toHaveBeenCalledTimes(1);
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe('permit ids', () => {
	it('are unique within a process and between processes', () => {
		const makers = [createPermitIds(), createPermitIds()];
		const ids = makers.flatMap((make) => Array.from({ length: 10_000 }, make));
		expect(new Set(ids).size).toBe(20_000);
	});
});

describe('the name of a worker', () => {
	it('is that of its machine, unless it is given one', () => {
		expect(workerName({})).toBe(hostname());
		expect(workerName({ BULWARK_WORKER: 'worker-3' })).toBe('worker-3');
	});
});
