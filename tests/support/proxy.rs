//! A proxy between the program and the server.
