// Random streams, digests, errors and files are part of what this module offers.
@_exported import MLCSCBase
