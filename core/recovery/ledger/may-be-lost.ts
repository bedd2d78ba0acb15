import type { Look, Sight } from './look';

/** Whether nothing that a look shows tells whether it is lost, though a later one may. */
export const mayBeLost = ({ row, progress }: Sight, look: Look): boolean => {
	if (row.retrySuccessId !== undefined) return false;
	if (row.status === 'waiting') return look.mode === 'regular' && look.isFull;
	// By what it has failed n8n keeps elsewhere.
	return row.status === 'error' && progress?.isSaved === false;
};
