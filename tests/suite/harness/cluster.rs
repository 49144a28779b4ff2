//! Several replicas as processes behind one proxy.

use std::collections::VecDeque;

use super::balancer::Balancer;
use super::binary::Binary;
use super::serving::Serving;

/// Long enough for the proxy to notice that a replica is not ready.
const DRAIN_DELAY: &str = "1s";

/// Replicas behind a proxy, the oldest first.
pub struct Cluster {
    balancer: Balancer,
    replicas: VecDeque<Replica>,
}

struct Replica {
    place: usize,
    serving: Serving,
}

impl Cluster {
    /// Starts three replicas, and waits until all are ready.
    pub async fn start(rubrica: &Binary) -> Self {
        let mut cluster = Self {
            balancer: Balancer::start().await,
            replicas: VecDeque::new(),
        };
        for _ in 0..3 {
            cluster.add(rubrica).await;
        }
        cluster
    }

    /// Any path, as a URL of the proxy.
    pub fn url(&self, path: &str) -> String {
        self.balancer.url(path)
    }

    /// Starts another replica, which gets requests once it is ready.
    pub async fn add(&mut self, rubrica: &Binary) {
        let rubrica = rubrica.clone();
        let serving = rubrica
            .set("RUBRICA__SHUTDOWN__DRAIN_DELAY", DRAIN_DELAY)
            .serve()
            .await;
        serving.wait_until_ready().await;
        let is_free = |place: &usize| !self.replicas.iter().any(|it| it.place == *place);
        let place = (1..=4).find(is_free).expect("a place is free");
        self.balancer.add(place, &serving).await;
        self.replicas.push_back(Replica { place, serving });
    }

    /// Replaces a replica as a rolling update does: starts one, then stops one with SIGTERM.
    pub async fn replace_oldest(&mut self, rubrica: &Binary) {
        self.add(rubrica).await;
        let Replica { place, mut serving } = self.replicas.pop_front().expect("a replica");
        serving.signal("TERM");
        let (status, log) = serving.end().await;
        assert_eq!(status, Some(0), "{log:?}");
        self.balancer.remove(place).await;
    }

    /// Kills a replica with SIGKILL. The proxy has to notice by itself.
    pub async fn kill_oldest(&mut self) {
        let mut replica = self.replicas.pop_front().expect("a replica");
        replica.serving.signal("KILL");
        replica.serving.end().await;
    }
}
