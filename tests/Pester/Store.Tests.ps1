BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
    $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
    $bob = Start-ChatServer 127.0.0.1 0 bob -Path $TestDrive/bob -AcceptFrom Anyone
    $null = Connect-ChatPeer $alice.Endpoint
    $null = Send-ChatMessage alice 'worth keeping' -WaitFor Delivered
}

AfterAll {
    Stop-Conversation
    Remove-Module PSSecureChat -ErrorAction Ignore
}

Describe 'Backup-ChatStore' {
    It 'writes one file while the server runs' -Tag Success {
        Backup-ChatStore $TestDrive/one.backup (Get-Passphrase) | Should -BeOfType ([System.IO.FileInfo])
        $bob.State | Should -Be Running
    }

    It 'refuses bad input: <Id>' -Tag BadInput -ForEach @(
        @{ Id = 'PassphraseNeeded'; Script = { Backup-ChatStore $TestDrive/none.backup ([securestring]::new()) } }
        @{ Id = 'NothingToBackUp'; Script = { Backup-ChatStore $TestDrive/none.backup (Get-Passphrase) -Server alice } }
        @{ Id = 'BackupExists'; Script = { 1..2 | ForEach-Object { Backup-ChatStore $TestDrive/twice.backup (Get-Passphrase) } } }
    ) { Assert-Error $Script $Id }

    It 'takes the server from the pipeline, and writes nothing with -WhatIf' -Tag Pipeline {
        [pscustomobject]@{ Server = $bob } | Backup-ChatStore -Path $TestDrive/piped.backup -Passphrase (Get-Passphrase) -WhatIf
        "$TestDrive/piped.backup" | Should -Not -Exist
        [pscustomobject]@{ Server = $bob } | Backup-ChatStore -Path $TestDrive/piped.backup -Passphrase (Get-Passphrase) | Should -Exist
    }

    It 'completes servers' -Tag Tab { Get-CompletionText 'Backup-ChatStore -Server b' | Should -Be bob }
}

Describe 'Restore-ChatStore' {
    BeforeAll { $backup = Backup-ChatStore $TestDrive/bob.backup (Get-Passphrase) }

    It 'makes a store with the same identity and history' -Tag Success {
        Restore-ChatStore $backup (Get-Passphrase) $TestDrive/restored | Should -BeOfType ([System.IO.DirectoryInfo])
        $again = Start-ChatServer 127.0.0.1 0 bob -Path $TestDrive/restored
        try {
            $again.Fingerprint | Should -Be $bob.Fingerprint
            (Get-ChatHistory -Server $again).Text | Should -Contain 'worth keeping'
        }
        finally { Stop-ChatServer $again }
    }

    It 'refuses bad input: <Id>' -Tag BadInput -ForEach @(
        @{ Id = 'WrongPassphrase'; Script = { Restore-ChatStore $backup (Get-Passphrase wrong) $TestDrive/never } }
        @{ Id = 'BackupNotFound'; Script = { Restore-ChatStore $TestDrive/ghost.backup (Get-Passphrase) $TestDrive/never } }
        @{ Id = 'StoreExists'; Script = { Restore-ChatStore $backup (Get-Passphrase) $TestDrive/bob } }
    ) {
        Assert-Error $Script $Id
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'takes the file from the pipeline' -Tag Pipeline {
        Get-Item $backup | Restore-ChatStore -Passphrase (Get-Passphrase) -Destination $TestDrive/piped | Should -Exist
    }

    It 'makes nothing with -WhatIf' {
        Restore-ChatStore $backup (Get-Passphrase) $TestDrive/never -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'completes the path of the backup' -Tag Tab {
        Push-Location $TestDrive
        try { Get-CompletionText 'Restore-ChatStore ./bob.b' | Should -Be (Join-Path . bob.backup) } finally { Pop-Location }
    }
}
