//! The sessions with devices on OPC UA.

#[cfg(feature = "opcua")]
pub(super) use with::Sessions;
#[cfg(not(feature = "opcua"))]
pub(super) use without::Sessions;

#[cfg(feature = "opcua")]
mod with {
    use std::collections::BTreeMap;

    use cellwatch_config::site::Reach;
    use cellwatch_core::door::{DeviceId, Input, RequestId};
    use tokio::sync::mpsc;

    use crate::installation::Installation;
    use crate::opcua::{self, Ask, Settings};
    use crate::run::Event;

    /// The tasks of devices on OPC UA.
    #[derive(Debug)]
    pub(in crate::run) struct Sessions(BTreeMap<DeviceId, mpsc::Sender<Ask>>);

    impl Sessions {
        /// Starts a task for each device on OPC UA.
        pub(in crate::run) fn start(
            installation: &Installation,
            events: &mpsc::Sender<Event>,
        ) -> Self {
            let mut tasks = BTreeMap::new();
            for (index, device) in (0u16..).zip(&installation.site.devices) {
                let Reach::OpcUa(server) = &device.reach else { continue };
                let server = installation.site.opcua_server(server);
                // Reading has seen to it that both are there.
                let profile = installation.profiles.get(&device.profile);
                let (Some(server), Some(profile)) = (server, profile) else { continue };
                let settings = Settings::of(installation, &device.id, server, profile);
                let (to_loop, id) = (events.clone(), DeviceId(index));
                let asks = opcua::start(settings, move |what| {
                    let to_loop = to_loop.clone();
                    async move {
                        let input = Input::OpcUa { device: id, what };
                        // After the loop has ended nobody needs to know.
                        let _ = to_loop.send(Event::Core(input)).await;
                    }
                });
                tasks.insert(id, asks);
            }
            Self(tasks)
        }

        /// Asks for a read; false if its task takes none.
        pub(in crate::run) fn read(
            &self,
            device: DeviceId,
            request: RequestId,
            timeout_ms: u64,
        ) -> bool {
            let asks = self.0.get(&device);
            asks.is_some_and(|asks| asks.try_send(Ask::Read { request, timeout_ms }).is_ok())
        }

        /// Has a session made anew; false if its task cannot be told.
        pub(in crate::run) fn reconnect(&self, device: DeviceId, why: String) -> bool {
            let asks = self.0.get(&device);
            asks.is_some_and(|asks| asks.try_send(Ask::Reconnect { why }).is_ok())
        }
    }
}

#[cfg(not(feature = "opcua"))]
mod without {
    use cellwatch_core::door::{DeviceId, RequestId};
    use tokio::sync::mpsc;

    use crate::installation::Installation;
    use crate::run::Event;

    /// None: reading the site file has refused every device that needs one.
    #[derive(Debug)]
    pub(in crate::run) struct Sessions;

    impl Sessions {
        pub(in crate::run) const fn start(_: &Installation, _: &mpsc::Sender<Event>) -> Self {
            Self
        }

        pub(in crate::run) const fn read(&self, _: DeviceId, _: RequestId, _: u64) -> bool {
            false
        }

        pub(in crate::run) fn reconnect(&self, _: DeviceId, _: String) -> bool {
            false
        }
    }
}
