//! Two tolerations of 300 s for pods that tolerate neither `not-ready` nor `unreachable`.
