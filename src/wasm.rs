//! The exports: a start goes in, a publication comes out, and in between every command goes
//! through the door that JavaScript opens. Decides nothing.

use std::panic::PanicHookInfo;

use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::host::{Command, Host, Reply, Start};

#[wasm_bindgen]
extern "C" {
    /// The host's side of the door: an object with one method.
    pub type Door;

    #[wasm_bindgen(method, catch, js_name = perform)]
    async fn ask(this: &Door, command: JsValue) -> Result<JsValue, JsValue>;
}

impl Host for Door {
    async fn perform(&self, command: Command) -> Reply {
        let sent = encode(&command);
        let name = Reflect::get(&sent, &"do".into()).unwrap_or_default();
        match self.ask(sent).await {
            Ok(reply) => decode(reply, &format!("the reply to {name:?}")),
            Err(thrown) => panic!("the host threw at {name:?}: {thrown:?}"),
        }
    }
}

/// Runs one start to its end. Start and publication are JSON texts: a hundred environment variables
/// as JavaScript objects cost several milliseconds at every start, one by one.
#[wasm_bindgen]
pub async fn run(start: String, door: Door) -> String {
    std::panic::set_hook(Box::new(throw));
    let start: Start = match serde_json::from_str(&start) {
        Ok(start) => start,
        Err(error) => panic!("the start cannot be decoded: {error}"),
    };
    match serde_json::to_string(&crate::run(start, &door).await) {
        Ok(publication) => publication,
        Err(error) => panic!("the publication cannot be encoded: {error}"),
    }
}

fn encode(value: &impl Serialize) -> JsValue {
    match value.serialize(&Serializer::json_compatible()) {
        Ok(encoded) => encoded,
        Err(error) => panic!("a value cannot be encoded: {error}"),
    }
}

fn decode<T: DeserializeOwned>(value: JsValue, name: &str) -> T {
    match serde_wasm_bindgen::from_value(value) {
        Ok(decoded) => decoded,
        Err(error) => panic!("{name} cannot be decoded: {error}"),
    }
}

/// A panic becomes a JavaScript error with the message and the place, told once by the host.
fn throw(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    wasm_bindgen::throw_str(&format!("panicked at {place}: {message}"));
}
