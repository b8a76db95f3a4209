// What a plugin of another version looks like: its number, and nothing else that is sure.
extern "C" {
extern const int futured_plugin_abi;
const int futured_plugin_abi = 9999;
}
