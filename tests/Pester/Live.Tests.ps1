BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
    Start-Conversation
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Remove-Module PSSecureChat -ErrorAction Ignore
}

Describe 'Test-ChatPeer' {
    It 'measures a conversation, <Script>' -Tag Success, Pipeline -ForEach @(
        @{ Script = 'Test-ChatPeer alice' }
        @{ Script = 'Get-ChatPeer | Test-ChatPeer' }
        @{ Script = 'Test-ChatPeer a*' }
        @{ Script = 'Test-ChatPeer $alice.Endpoint' }
        @{ Script = '"ComputerName,Port`n127.0.0.1,$($alice.Port)" | ConvertFrom-Csv | Test-ChatPeer' }
    ) {
        $test = & ([scriptblock]::Create($Script))
        $test | Should -BeOfType ([PSSecureChat.ChatPeerTest])
        $test.Peer | Should -Be alice
        $test.Succeeded | Should -BeTrue
        $test.RoundTrip | Should -BeGreaterThan ([timespan]::Zero)
        $test.Suite | Should -Be 'Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256'
        $test.Trust | Should -Be Unverified
    }

    It 'tells why not, and what to do' {
        $test = Test-ChatPeer -Address 127.0.0.1 -Port 1
        $test.Succeeded | Should -BeFalse
        $test.ErrorId | Should -Be ConnectionRefused
        $test.Recommendation | Should -Not -BeNullOrEmpty
        (Test-ChatPeer $bob.Endpoint).ErrorId | Should -Be OwnAddress
    }

    It 'is quiet or repeats on demand' {
        Test-ChatPeer alice -Quiet | Should -BeExactly $true
        Test-ChatPeer 127.0.0.1:1 -Quiet | Should -BeExactly $false
        Test-ChatPeer alice -Count 3 | Should -HaveCount 3
        Test-ChatPeer alice -Count 1000 | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'shows within 80 columns' {
        $lines = (& { Test-ChatPeer alice; Test-ChatPeer 127.0.0.1:1 } | Out-String -Width 80).Split([Environment]::NewLine)
        $lines | Where-Object Length -gt 80 | Should -BeNullOrEmpty
        $lines -match 'alice\s+127\.0\.0\.1:\d+\s+True\s+\d+\.\d' | Should -HaveCount 1
        $lines -match '127\.0\.0\.1:1\s+False\s+Nothing listens' | Should -HaveCount 1
    }

    It 'completes peers' -Tag Tab { Get-CompletionText 'Test-ChatPeer ' | Should -Be alice }

    It '<Script> is the error <Id>' -Tag BadInput -ForEach @(
        @{ Script = 'Test-ChatPeer ghost'; Id = 'PeerUnknown' }
        @{ Script = 'Test-ChatPeer 127.0.0.1:abc'; Id = 'AddressNotUsable' }
    ) {
        $thrown = try { & ([scriptblock]::Create("$Script -ErrorAction Stop")) } catch { $_ }
        $thrown.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $thrown.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}

Describe 'Enter-ChatConversation' {
    It 'talks at a terminal, and gives it back' -Tag Success, Pipeline -Skip:(-not ($IsLinux -and (Test-Path /usr/bin/script))) {
        $talk = Join-Path $TestDrive talk.ps1
        Set-Content $talk @"
            Import-Module '$Manifest'
            `$a = Start-ChatServer 127.0.0.1 0 a -Ephemeral -AcceptFrom Anyone
            `$b = Start-ChatServer 127.0.0.1 0 b -Ephemeral
            Connect-ChatPeer `$a.Endpoint | Enter-ChatConversation
            "left: `$((Get-ChatHistory -Server `$a).Text), `$([Console]::TreatControlCAsInput), `$(@(Get-EventSubscriber).Count)"
"@
        $pwsh = "$PSHOME/pwsh"
        $start = [System.Diagnostics.ProcessStartInfo]::new('script')
        '-qfec', "stty cols 80 rows 24; exec '$pwsh' -NoProfile -File '$talk'", '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $start.Environment['TERM'] = 'xterm-256color'
        $start.Environment['SHELL'] = '/bin/sh'
        $terminal = [System.Diagnostics.Process]::Start($start)
        $shown = [System.Text.StringBuilder]::new()
        $limit = [System.Threading.CancellationTokenSource]::new(60000)
        $buffer = [char[]]::new(1024)
        function Wait-Shown([string] $Text) {
            while (-not $shown.ToString().Contains($Text)) {
                $count = $terminal.StandardOutput.ReadAsync([System.Memory[char]] $buffer, $limit.Token).AsTask().GetAwaiter().GetResult()
                if ($count -eq 0) { throw "'$Text' does not come: $shown" }
                $null = $shown.Append($buffer, 0, $count)
            }
        }
        try {
            Wait-Shown 'a: connected'
            $terminal.StandardInput.Write("hello from a terminal`r")
            $terminal.StandardInput.Flush()
            Wait-Shown '(delivered)'
            $terminal.StandardInput.Write([char] 3)
            $terminal.StandardInput.Flush()
            Wait-Shown 'left: hello from a terminal, False, 0'
        }
        finally {
            if (-not $terminal.HasExited) { $terminal.Kill($true) }
            $terminal.Dispose()
        }
    }

    It '<Script> is the error PeerUnknown' -Tag BadInput -ForEach @(@{ Script = 'Enter-ChatConversation ghost' }, @{ Script = 'Enter-ChatConversation a*' }) {
        $thrown = try { & ([scriptblock]::Create("$Script -ErrorAction Stop")) } catch { $_ }
        $thrown.FullyQualifiedErrorId | Should -BeLike 'PeerUnknown,*'
        $thrown.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'says what to use instead in a <Kind>' -ForEach @(
        @{ Kind = 'thread job'; Run = { Start-ThreadJob { Import-Module $using:Manifest; try { Enter-ChatConversation alice -Server $using:bob -ErrorAction Stop } catch { $_ } } | Receive-Job -Wait -AutoRemoveJob } }
        @{ Kind = 'parallel loop'; Run = { 1 | ForEach-Object -Parallel { Import-Module $using:Manifest; try { Enter-ChatConversation alice -Server $using:bob -ErrorAction Stop } catch { $_ } } } }
        @{ Kind = 'process without a terminal'; Run = {
                $pwsh = "$PSHOME/pwsh"
                $null | & $pwsh -NoProfile -NonInteractive -Command "
                    Import-Module '$Manifest'; `$a = Start-ChatServer 127.0.0.1 0 a -Ephemeral -AcceptFrom Anyone; `$null = Start-ChatServer 127.0.0.1 0 b -Ephemeral
                    `$null = Connect-ChatPeer `$a.Endpoint
                    try { Get-ChatPeer a | Enter-ChatConversation -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }"
            }
        }
    ) {
        $said = & $Run | ForEach-Object { if ($_ -is [string]) { $_ } else { $_.FullyQualifiedErrorId, $_.ErrorDetails.RecommendedAction } }
        $said[0] | Should -BeLike 'NotInteractive,*'
        $said[1] | Should -Match 'Receive-ChatMessage -Wait'
    }

    It 'completes peers' -Tag Tab { Get-CompletionText 'Enter-ChatConversation ' | Should -Be alice }
}

Describe '-Verbose' {
    It 'tells what happened with a peer while nobody looked' {
        Disconnect-ChatPeer alice
        $told = Get-ChatPeer alice -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        $told.Message -match 'we dialled 127\.0\.0\.1:\d+' | Should -Not -BeNullOrEmpty
        $told.Message -match 'the conversation ended after .*: disconnected' | Should -Not -BeNullOrEmpty
    }
}
