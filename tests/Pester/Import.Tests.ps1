BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Importing the module' {
    It 'has a manifest without a fault' {
        $manifest = Test-ModuleManifest $Manifest -WarningVariable warnings
        $manifest.CompatiblePSEditions | Should -Be Core
        $manifest.PowerShellVersion | Should -Be ([version]'7.4')
        $warnings | Should -BeNullOrEmpty
    }

    It 'exports cmdlets with approved verbs and nothing else' {
        $approved = (Get-Verb).Verb
        $commands = Get-Command -Module PSSecureChat
        $commands.CommandType | Select-Object -Unique | Should -Be Cmdlet
        $commands.Verb | Where-Object { $_ -notin $approved } | Should -BeNullOrEmpty
        (Get-Module PSSecureChat).ExportedAliases.Count | Should -Be 0
    }

    It 'survives -Force, removal and import' {
        Import-Module $Manifest -Force
        (Start-ChatServer 127.0.0.1 0 ana -Ephemeral).Name | Should -Be ana
        Remove-Module PSSecureChat
        Get-Command Start-ChatServer -ErrorAction Ignore | Should -BeNullOrEmpty
        Import-Module $Manifest
        Get-ChatServer | Should -BeNullOrEmpty
    }

    It 'frees the port when it is removed' {
        $port = (Start-ChatServer 127.0.0.1 0 ana -Ephemeral).Port
        Remove-Module PSSecureChat
        $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $port)
        { $listener.Start() } | Should -Not -Throw
        $listener.Stop()
        Import-Module $Manifest
    }

    It 'lets a process with a running server end at once' {
        $pwsh = "$PSHOME/pwsh"
        $took = Measure-Command {
            $output = & $pwsh -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; (Start-ChatServer 127.0.0.1 0 ana -Ephemeral).Name; [Console]::Out.Flush(); exit 7"
        }
        $output | Should -Be ana
        $LASTEXITCODE | Should -Be 7
        $took.TotalSeconds | Should -BeLessThan 15
    }

    It 'works in a thread job with a server handed to it' {
        Start-Conversation
        $job = Start-ThreadJob { Import-Module $using:Manifest; Send-ChatMessage alice 'from a job' -Server $using:bob -WaitFor Delivered }
        ($job | Receive-Job -Wait -AutoRemoveJob).State | Should -Be Delivered
        (Get-ChatInbox -Server alice).Text | Should -Be 'from a job'
        Stop-Conversation
    }

    It 'talks with a job of Start-Job, which is another process' {
        $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
        $job = Start-Job {
            Import-Module $using:Manifest
            $null = Start-ChatServer 127.0.0.1 0 worker -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $using:alice.Endpoint
            Send-ChatMessage alice 'from another process' -WaitFor Delivered
        }
        try {
            $sent = $job | Receive-Job -Wait -ErrorAction Stop
            "$($sent.State) $($sent.Text)" | Should -Be 'Delivered from another process'
            (Get-ChatInbox worker).Text | Should -Be 'from another process'
        }
        finally {
            $job | Remove-Job -Force
            Stop-ChatServer $alice
        }
    }

    It 'keeps the servers of two runspaces apart' {
        $null = Start-ChatServer 127.0.0.1 0 mine -Ephemeral
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$Manifest'; `$null = Start-ChatServer 127.0.0.1 0 theirs -Ephemeral; (Get-ChatServer).Name")
            $shell.Invoke() | Should -Be theirs
            (Get-ChatServer).Name | Should -Be mine
        }
        finally {
            $shell.Dispose()
            Get-ChatServer | Stop-ChatServer
        }
    }
}
