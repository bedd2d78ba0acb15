/** What becomes of calls while a shared store cannot be reached. */
export type WhenStoreIsDown = 'allow' | 'reject' | 'local';

/** What happens around a shared store: it is slow or lost, calls are decided without it, it is back. */
export type StoreEvent =
	/** A request had no answer after `afterMs`, which says nothing yet of whether there will be one. */
	| { readonly type: 'store-slow'; readonly at: number; readonly afterMs: number }
	| {
			readonly type: 'store-lost';
			readonly at: number;
			readonly reason: string;
			readonly remedy: string | undefined;
	  }
	/** It answers, but cannot do with the state of one policy what it was asked. */
	| { readonly type: 'state-invalid'; readonly at: number; readonly reason: string }
	| { readonly type: 'call-degraded'; readonly at: number; readonly mode: WhenStoreIsDown }
	/** This process did not renew so many leases for longer than they last. */
	| { readonly type: 'leases-overdue'; readonly leases: number }
	/** It answers in time again, after it was slow or lost. */
	| {
			readonly type: 'store-back';
			readonly at: number;
			readonly downMs: number;
			readonly from: 'slow' | 'lost';
	  };
