"""What any input at all must leave true: targets for a fuzzer, and the inputs that once did not."""
