import { npmProblem } from '../../../scripts/n8n/npm-problem.ts';

describe('npmProblem', () => {
	it.each([
		['npm error code ENOTFOUND\nnpm error network request failed', /connection/],
		['npm error code ENOSPC', /disk is full/],
		['gyp ERR! find Python', /python3, make and g\+\+/],
		['npm error code E403', /what npm said/],
	])('gives the remedy for: %s', (output, remedy) => {
		const problem = npmProblem('Installing n8n', { code: 1, output, stdout: '' });
		expect(problem.message).toContain(output.split('\n')[0]);
		expect(problem.remedy).toMatch(remedy);
	});
});
