//! Everything that the page is made of, in the binary: no other file is ever served.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// A file of the page: its path, its type, its bytes.
type Asset = (&'static str, &'static str, &'static [u8]);

const HTML: &str = "text/html; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! asset {
    ($path:literal, $kind:expr) => {
        (concat!("/", $path), $kind, include_bytes!(concat!("assets/", $path)))
    };
}

/// The files, by path.
pub(super) const ASSETS: &[Asset] = &[
    asset!("index.html", HTML),
    asset!("actions.js", JS),
    asset!("api.js", JS),
    asset!("band.js", JS),
    asset!("chart.js", JS),
    asset!("dialog.js", JS),
    asset!("dom.js", JS),
    asset!("export.js", JS),
    asset!("forms.css", CSS),
    asset!("frame.js", JS),
    asset!("hour.js", JS),
    asset!("icon.svg", SVG),
    asset!("main.js", JS),
    asset!("overview.css", CSS),
    asset!("page.css", CSS),
    asset!("pages.js", JS),
    asset!("route.js", JS),
    asset!("say.js", JS),
    asset!("session.js", JS),
    asset!("shapes.js", JS),
    asset!("spark.js", JS),
    asset!("store.js", JS),
    asset!("stream.js", JS),
    asset!("time.js", JS),
    asset!("trends.js", JS),
    asset!("vendor/uplot/LICENSE", TEXT),
    asset!("vendor/uplot/uPlot.iife.min.js", JS),
    asset!("vendor/uplot/uPlot.min.css", CSS),
    asset!("views.css", CSS),
    asset!("views.js", JS),
    asset!("views/alarm-card.js", JS),
    asset!("views/alarms.js", JS),
    asset!("views/annunciation.js", JS),
    asset!("views/calling.js", JS),
    asset!("views/charts.js", JS),
    asset!("views/history.js", JS),
    asset!("views/login.js", JS),
    asset!("views/overview.js", JS),
    asset!("views/results.js", JS),
    asset!("views/system.js", JS),
    asset!("views/tile.js", JS),
    asset!("views/trail.js", JS),
    asset!("views/unit.js", JS),
    asset!("views/values.js", JS),
    asset!("words.js", JS),
];

/// The routes of the files; `/` is the page.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let mut router = Router::new();
    for (path, kind, bytes) in ASSETS {
        let file = get(move || async move { served(kind, bytes) });
        if *path == "/index.html" {
            router = router.route("/", file.clone());
        }
        router = router.route(path, file);
    }
    router
}

fn served(kind: &'static str, bytes: &'static [u8]) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::ASSETS;

    /// What lies in the folder is served, so that no module is missing in the binary only.
    #[test]
    fn every_file_is_in_the_table() {
        fn walk(folder: &Path, found: &mut usize, missing: &mut Vec<String>, root: &Path) {
            for entry in std::fs::read_dir(folder).expect("the assets").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, found, missing, root);
                    continue;
                }
                *found += 1;
                let name = format!("/{}", path.strip_prefix(root).expect("inside").display());
                if !ASSETS.iter().any(|(served, ..)| *served == name) {
                    missing.push(name);
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/assets");
        let (mut found, mut missing) = (0, Vec::new());
        walk(&root, &mut found, &mut missing, &root);
        assert!(missing.is_empty(), "not in the table: {missing:?}");
        assert_eq!(found, ASSETS.len());
        println!("assets: {found} cases");
    }
}
