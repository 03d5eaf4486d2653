"""HTTP over `rag`: JSON routes, the queue before the model, and the verbs that talk to a running server."""
