import { oneLine } from '../../../core/one-line';
import { SourceUnavailableError } from '../../../core/stack';

/** The registry answers, and nobody can say what its entries mean. */
export class RegistryUnreadableError extends SourceUnavailableError {
	/** @param keys of all entries, of which none can be read. @param prefix of n8n's own keys. */
	constructor([key = '', ...others]: readonly string[], prefix: string) {
		const more = others.length === 0 ? '' : `, and ${others.length} more`;
		super(
			'instance registry',
			`No entry of n8n's registry can be read (${oneLine(key)}${more}): another version of n8n may write them in another way`,
			`Look at one (GET); take a version of this package that knows your n8n, or correct queue.registryPrefix (${prefix})`,
		);
	}
}
