import MLCSCKit
import Testing
