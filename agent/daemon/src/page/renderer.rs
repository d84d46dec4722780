//! Views as JSON: each once, however many look, and only while somebody does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use cellwatch_core::serve::View;
use tokio::sync::watch;
use tokio::time::timeout;

use super::limits::VIEW_WITHIN;
use crate::people::Loop;

/// One view as JSON, and as an event of a stream; each made when it is first asked for.
#[derive(Debug)]
pub(super) struct Rendered {
    view: Arc<View>,
    number: u64,
    full: OnceLock<Made>,
    room: OnceLock<Made>,
}

#[derive(Debug)]
struct Made {
    json: Bytes,
    event: Bytes,
}

impl Made {
    fn of(view: &View) -> Self {
        let json = Bytes::from(serde_json::to_vec(view).unwrap_or_default());
        let event = [b"event: view\ndata: ", &json[..], b"\n\n"].concat();
        Self { json, event: Bytes::from(event) }
    }
}

impl Rendered {
    fn made(&self, room: bool) -> &Made {
        if room {
            self.room.get_or_init(|| Made::of(&self.view.of_the_room()))
        } else {
            self.full.get_or_init(|| Made::of(&self.view))
        }
    }

    /// As JSON; `room` is what everybody may see.
    pub(super) fn json(&self, room: bool) -> Bytes {
        self.made(room).json.clone()
    }

    /// As an event of a stream.
    pub(super) fn event(&self, room: bool) -> Bytes {
        self.made(room).event.clone()
    }

    /// The view itself.
    pub(super) fn view(&self) -> &View {
        &self.view
    }

    /// Later views have higher numbers.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }
}

/// The newest view, for those who look.
#[derive(Debug)]
pub(super) struct Rendering {
    newest: watch::Receiver<Option<Arc<Rendered>>>,
    lookers: watch::Sender<usize>,
}

/// Somebody looks, until this is dropped.
#[derive(Debug)]
pub(super) struct Looker {
    newest: watch::Receiver<Option<Arc<Rendered>>>,
    lookers: watch::Sender<usize>,
}

impl Drop for Looker {
    fn drop(&mut self) {
        self.lookers.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Looker {
    /// The next view; none when the loop has ended. The first one is at once, and of now.
    pub(super) async fn next(&mut self, after: u64) -> Option<Arc<Rendered>> {
        let is_newer =
            |one: &Option<Arc<Rendered>>| one.as_ref().is_some_and(|one| one.number() > after);
        self.newest.wait_for(is_newer).await.ok()?.clone()
    }
}

impl Rendering {
    /// Renders what comes from the loop while somebody looks, and tells the loop whether somebody does.
    pub(super) fn start(mut views: watch::Receiver<Option<Arc<View>>>, to_loop: Loop) -> Self {
        let (newest, rendered) = watch::channel(None);
        let (lookers, mut count) = watch::channel(0usize);
        let numbers = AtomicU64::new(0);
        tokio::spawn(async move {
            let mut is_watched = false;
            loop {
                tokio::select! {
                    changed = count.changed() => {
                        let now_watched = *count.borrow_and_update() > 0;
                        if changed.is_err() {
                            return;
                        }
                        if now_watched != is_watched {
                            is_watched = now_watched;
                            // Whoever comes next waits for a view of then.
                            newest.send_replace(None);
                            let _old = views.borrow_and_update();
                        } else {
                            continue;
                        }
                    }
                    changed = views.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let view = views.borrow_and_update().clone();
                        if let Some(view) = view.filter(|_| is_watched) {
                            let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
                            let (full, room) = (OnceLock::new(), OnceLock::new());
                            newest.send_replace(Some(Arc::new(Rendered { view, number, full, room })));
                        }
                        continue;
                    }
                }
                to_loop.watched(is_watched).await;
            }
        });
        Self { newest: rendered, lookers }
    }

    /// Somebody looks.
    pub(super) fn look(&self) -> Looker {
        self.lookers.send_modify(|count| *count += 1);
        Looker { newest: self.newest.clone(), lookers: self.lookers.clone() }
    }

    /// The present view, once; none if the loop does not give one in time.
    pub(super) async fn glance(&self) -> Option<Arc<Rendered>> {
        let mut looker = self.look();
        timeout(VIEW_WITHIN, looker.next(0)).await.ok().flatten()
    }
}
