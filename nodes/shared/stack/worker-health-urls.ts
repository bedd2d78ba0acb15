import { InvalidOptionError } from '../../../core/errors';
import { areDifferent, httpAddress, showValue } from '../../../core/options';

const TITLE = 'Worker Health URLs';

/**
 * Addresses of the health checks of workers.
 * @param text of the parameter: addresses, parted by commas or spaces.
 * @throws {InvalidOptionError} that shows no address in which there may be a password.
 */
export function readWorkerHealthUrls(text: string): readonly string[] {
	const urls = text.split(/[\s,]+/).filter(Boolean);
	const refused = urls.find((url) => !httpAddress.safeParse(url).success);
	if (refused !== undefined)
		throw new InvalidOptionError(
			`${TITLE}, entry ${urls.indexOf(refused) + 1}`,
			// A password may hold a comma, and then stands in two entries.
			text.includes('@') ? 'not shown' : showValue(refused),
			'not an address of http or https without a user and a password',
			'Set it to addresses such as http://worker-1:5678, http://worker-2:5678',
		);
	if (!areDifferent(urls))
		throw new InvalidOptionError(
			TITLE,
			showValue(text),
			'one address stands in it twice, and would count for two workers',
			'Name the health check of each worker once',
		);
	return urls;
}
