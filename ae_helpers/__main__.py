from ae_helpers.cli import main

raise SystemExit(main())
