import type { Look, Sight } from './look';

/** Whether it has failed, and n8n keeps elsewhere by what. */
export const hasFailedUnsaid = ({ row, progress }: Pick<Sight, 'row' | 'progress'>): boolean =>
	row.status === 'error' && row.retrySuccessId === undefined && progress?.isSaved === false;

/** Whether nothing that a look shows tells whether it is lost, though a later one may. */
export const mayBeLost = (sight: Sight, look: Look): boolean =>
	sight.row.status === 'waiting' ? look.mode === 'regular' && look.isFull : hasFailedUnsaid(sight);
