//! Several things at once, with their results in order. One machinery for all kinds of work: the
//! crate's own is made anew for each, at 4 kB of WASM a time.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use futures_util::future::join_all;

/// Carries all works out at once; ends when the last one has.
pub async fn all<F: Future>(works: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let works: Vec<F> = works.into_iter().collect();
    let results: Vec<Cell<Option<F::Output>>> = works.iter().map(|_| Cell::new(None)).collect();
    let kept = works.into_iter().zip(&results).map(|(work, result)| {
        let kept: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(async move { result.set(Some(work.await)) });
        kept
    });
    join_all(kept).await;
    results.into_iter().filter_map(Cell::into_inner).collect()
}
