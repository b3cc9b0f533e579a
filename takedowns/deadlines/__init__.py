"""What has to be done by when: clocks that run from receipt, and the record of those that were missed."""
