BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force

    function Get-ErrorId([scriptblock] $Script) {
        try { & $Script } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
    }
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Receive-ChatMessage -Consumer' {
    BeforeEach {
        Start-Conversation
        1..5 | Send-ChatMessage alice -WaitFor Delivered | Out-Null
    }
    AfterEach { Stop-Conversation }

    It 'gives every consumer every message once' {
        (Receive-ChatMessage -Consumer log -Server alice).Text | Should -Be (1..5)
        (Receive-ChatMessage -Consumer tickets -Server alice).Text | Should -Be (1..5)
        Receive-ChatMessage -Consumer log -Server alice | Should -BeNullOrEmpty
        Get-ChatInbox -Unread -Server alice | Should -BeNullOrEmpty
    }

    It 'moves past what Select-Object -First has taken, and no further' {
        (Receive-ChatMessage -Consumer log -Server alice | Select-Object -First 2).Text | Should -Be 1, 2
        (Receive-ChatMessage -Consumer log -Wait -Server alice | Select-Object -First 1).Text | Should -Be 3
        (Receive-ChatMessage -Consumer log -Server alice).Text | Should -Be 4, 5
    }

    It 'gives a message again after a throw downstream' {
        { Receive-ChatMessage -Consumer log -Server alice | ForEach-Object { if ($_.Text -eq 3) { throw 'no' } } } | Should -Throw no
        (Receive-ChatMessage -Consumer log -Server alice).Text | Should -Be 3, 4, 5
    }

    It 'goes on as messages come, until the time is over' {
        $job = Start-ThreadJob { Import-Module $using:Manifest; Receive-ChatMessage -Consumer log -Wait -TimeoutSec 30 -Server $using:alice | Select-Object -First 6 | ForEach-Object Text }
        Send-ChatMessage alice 6
        Receive-Job $job -Wait -AutoRemoveJob | Should -Be (1..6)
        (Measure-Command { Receive-ChatMessage -Consumer log -Wait -TimeoutSec 0.2 -Server alice }).TotalSeconds | Should -BeGreaterThan 0.15
    }

    It 'refuses a second reader, a bad name and an unknown peer' {
        Get-ErrorId { Receive-ChatMessage -Consumer log -Server alice | ForEach-Object { Receive-ChatMessage -Consumer log -Server alice } } | Should -Be ConsumerInUse
        Get-ErrorId { Receive-ChatMessage -Consumer 'a/b' } | Should -Be NameNotUsable
        Get-ErrorId { Receive-ChatMessage ghost -Consumer log -ErrorAction Stop } | Should -Be PeerUnknown
    }

    It 'is listed, completed and removed' {
        Receive-ChatMessage -Consumer 'log file' -Server alice | Select-Object -First 1 | Out-Null
        $consumer = Get-ChatConsumer -Server alice
        $consumer.Name, $consumer.Server, $consumer.Waiting, $consumer.InUse | Should -Be 'log file', 'alice', 4, $false
        Get-CompletionText 'Receive-ChatMessage -Server alice -Consumer l' | Should -Be "'log file'"
        Get-CompletionText 'Remove-ChatConsumer -Server alice ' | Should -Be "'log file'"
        ($consumer | Out-String -Width 80).Split([Environment]::NewLine) -match 'log file\s+alice\s+4\s+False' | Should -HaveCount 1
        $consumer | Remove-ChatConsumer -WhatIf
        $consumer | Remove-ChatConsumer
        Get-ChatConsumer -Server alice | Should -BeNullOrEmpty
        Get-ErrorId { Remove-ChatConsumer ghost -ErrorAction Stop } | Should -Be ConsumerUnknown
    }
}

Describe 'Get-ChatConsumer' {
    BeforeAll {
        Start-Conversation
        'one', 'two' | Send-ChatMessage alice -WaitFor Delivered | Out-Null
        Receive-ChatMessage -Consumer log -Server alice | Select-Object -First 1 | Out-Null
    }
    AfterAll { Stop-Conversation }

    It 'tells how far each has come' -Tag Success {
        $consumer = Get-ChatConsumer log -Server alice
        $consumer | Should -BeOfType ([PSSecureChat.ChatConsumer])
        $consumer.Waiting | Should -Be 1
    }

    It 'names one that is not there' -Tag BadInput {
        Get-ErrorId { Get-ChatConsumer ghost -Server alice -ErrorAction Stop } | Should -Be ConsumerUnknown
        Get-ChatConsumer gh* -Server alice | Should -BeNullOrEmpty
    }

    It 'takes names and servers from the pipeline' -Tag Pipeline {
        ('log' | Get-ChatConsumer -Server alice).Name | Should -Be log
        (Get-ChatServer | Get-ChatConsumer).Name | Should -Be log
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatConsumer -Server alice -Name ' | Should -Be log }
}

Describe 'Remove-ChatConsumer' {
    BeforeEach {
        Start-Conversation
        Send-ChatMessage alice one -WaitFor Delivered | Out-Null
        Receive-ChatMessage -Consumer log -Server alice | Out-Null
    }
    AfterEach { Stop-Conversation }

    It 'removes one, and no message' -Tag Success {
        Remove-ChatConsumer log -Server alice
        Get-ChatConsumer -Server alice | Should -BeNullOrEmpty
        (Get-ChatInbox -Server alice).Text | Should -Be one
    }

    It 'names one that is not there' -Tag BadInput {
        Get-ErrorId { Remove-ChatConsumer ghost -Server alice -ErrorAction Stop } | Should -Be ConsumerUnknown
    }

    It 'takes consumers from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        Get-ChatConsumer -Server alice | Remove-ChatConsumer -WhatIf
        (Get-ChatConsumer -Server alice).Name | Should -Be log
        Get-ChatConsumer -Server alice | Remove-ChatConsumer
        Get-ChatConsumer -Server alice | Should -BeNullOrEmpty
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Remove-ChatConsumer -Server alice l' | Should -Be log }
}

Describe 'Wait-ChatMessage' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'finds an answer that came before, of a message from the pipeline' -Tag Success, Pipeline {
        $question = Send-ChatMessage alice tea? -WaitFor Delivered
        Get-ChatInbox -Server alice | ForEach-Object { Send-ChatMessage bob yes -InReplyTo $_ -Server alice -WaitFor Delivered } | Out-Null
        ($question | Wait-ChatMessage -TimeoutSec 30).Text | Should -Be yes
        Get-ChatInbox -Unread | Should -BeNullOrEmpty
    }

    It 'takes the copy of a question for the question, and never what somebody says for its answer' -Tag Pipeline {
        $question = Send-ChatMessage alice tea? -WaitFor Delivered
        $null = Send-ChatMessage bob 'by the way' -Server alice -WaitFor Delivered
        foreach ($copy in ($question | Select-Object *), ($question | Select-Object Id, Server), ($question | ConvertTo-Json | ConvertFrom-Json)) {
            Get-ErrorId { $copy | Wait-ChatMessage -TimeoutSec 0 -ErrorAction Stop } | Should -Be TimedOut
        }

        Get-ErrorId { $question | Select-Object Server, Text | Wait-ChatMessage -TimeoutSec 0 -ErrorAction Stop } | Should -Be InputMeansNobody
        Get-ChatInbox -Server alice | Select-Object * | Send-ChatMessage -Message yes
        ($question | Select-Object * | Wait-ChatMessage -TimeoutSec 30).Text | Should -Be yes
    }

    It 'waits for one that comes later' {
        $question = Send-ChatMessage alice tea? -WaitFor Delivered
        $answering = Start-ThreadJob { Import-Module $using:Manifest; Wait-ChatMessage -Server $using:alice | ForEach-Object { Send-ChatMessage bob yes -InReplyTo $_ -Server $using:alice } }
        (Wait-ChatMessage $question -TimeoutSec 30).Text | Should -Be yes
        Receive-Job $answering -Wait -AutoRemoveJob
    }

    It 'is an error when none comes in time' -Tag BadInput, Tab {
        $question = Send-ChatMessage alice tea? -PassThru
        Wait-ChatMessage $question.Id -TimeoutSec 0.1 -ErrorAction SilentlyContinue -ErrorVariable late | Should -BeNullOrEmpty
        $late[0].FullyQualifiedErrorId | Should -BeLike 'TimedOut,*'
        $late[0].CategoryInfo.Category | Should -Be OperationTimeout
        Get-ErrorId { Wait-ChatMessage -From ghost -ErrorAction Stop } | Should -Be PeerUnknown
        Get-ErrorId { Wait-ChatMessage (New-Guid) -ErrorAction Stop } | Should -Be MessageUnknown
        Get-CompletionText 'Wait-ChatMessage -From a' | Should -Be alice
    }

    It 'ends within 200 ms when it is stopped' {
        $shell = [powershell]::Create('NewRunspace')
        $null = $shell.AddScript('param($manifest, $server) Import-Module $manifest; 1; Wait-ChatMessage -Server $server').AddArgument($Manifest).AddArgument($bob)
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $null = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
        Wait-Until { $output.Count -eq 1 }
        (Measure-Command { $shell.Stop() }).TotalMilliseconds | Should -BeLessThan 200
        $shell.Dispose()
    }
}

Describe 'Objects as messages' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'arrive as plain objects that name their type' {
        Get-Item $Manifest | Send-ChatMessage alice -WaitFor Delivered | Out-Null
        $message = Get-ChatInbox -Server alice
        $message.Kind | Should -Be Object
        $message.Body.PSObject.TypeNames | Should -Contain 'PSSecureChat.Received#System.IO.FileInfo'
        $message.Body.Name | Should -Be PSSecureChat.psd1
        $message.Body.Length | Should -Be (Get-Item $Manifest).Length
        $message.Body.PSObject.Properties | ForEach-Object MemberType | Sort-Object -Unique | Should -Be NoteProperty
        ($message.Text | ConvertFrom-Json).Name | Should -Be PSSecureChat.psd1
    }

    It 'of many kinds come through the pipeline in order, texts as texts' {
        'text', 5, (Get-Process -Id $PID), @{ a = 1 }, [pscustomobject]@{ b = 2 } | Send-ChatMessage alice -WaitFor Delivered | Out-Null
        $messages = Get-ChatInbox -Server alice
        $messages.Kind | Should -Be Text, Text, Object, Object, Object
        $messages[2].Body.Id | Should -Be $PID
        $messages[3].Body.a, $messages[4].Body.b | Should -Be 1, 2
        $messages | Where-Object { $_.Body.b -eq 2 } | Should -HaveCount 1
    }

    It 'are shown with nothing raw of a peer' {
        $evil = "mark$([char]27)c$([char]27)_$([char]7)$([char]0x9B)31m$([char]0x202E)end`nFORGED"
        $object = [ordered]@{ Name = $evil; "na$evil" = 1; Nested = @{ Id = $evil; List = @($evil) }; PSComputerName = $evil; PSShowComputerName = $true; ToString = $evil }
        Send-ChatMessage alice -InputObject $object -WaitFor Delivered | Out-Null
        $message = Get-ChatInbox -Server alice
        $body = $message.Body
        $job = Start-Job { Import-Module $using:Manifest; $using:body }
        $fromJob = Receive-Job $job -Wait -AutoRemoveJob
        $shown = @(
            $body, $message, $body.Nested, $fromJob | ForEach-Object { $_ | Out-String; & { Get-ChatServer; $_ } | Out-String; $_ | Format-List | Out-String; $_ | Format-Table | Out-String; "$_" }
            $body, $fromJob | ForEach-Object { $_ | Format-Wide | Out-String; $_ | Format-Custom | Out-String }
            $body | Get-Member | Out-String
            [pscustomobject]@{ One = $body; Many = $body, $body.Nested } | Format-List | Out-String
            (Write-Host $body 6>&1), (Write-Warning $body 3>&1) | Out-String
            try { throw $body } catch { $_ | Out-String }
            $body.Name | Get-ChatPeer -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure | Out-String
        )
        foreach ($text in $shown) {
            $text | Should -Match 'mark'
            $text -replace "`e\[[0-9;]*m|`r`n" | Should -Not -Match '[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]|(?m)^FORGED'
        }
        $body.Name | Should -BeExactly $evil
    }

    It 'too large or too deep are errors of their own' {
        $deep = @{ }; 1..20 | ForEach-Object { $deep = @{ n = $deep } }
        Get-ErrorId { Send-ChatMessage alice -InputObject $deep -ErrorAction Stop } | Should -Be ObjectTooLarge
        Get-ErrorId { Send-ChatMessage alice -InputObject @('x' * 2MB) -ErrorAction Stop } | Should -Be TextTooLarge
        $deep, 'small' | Send-ChatMessage alice -WaitFor Delivered -ErrorAction SilentlyContinue | ForEach-Object Text | Should -Be small
    }
}

Describe 'Register-ChatEvent' {
    BeforeEach { Start-Conversation }
    AfterEach {
        Stop-Conversation
        Get-EventSubscriber | Should -BeNullOrEmpty
        Get-Event | Remove-Event
        Get-Job | Remove-Job -Force
    }

    It 'raises events that Wait-Event gets' -Tag Success {
        Register-ChatEvent MessageReceived -Server alice -SourceIdentifier Mail -MessageData 42 | Should -BeNullOrEmpty
        (Get-EventSubscriber).EventName | Should -Be MessageReceived
        Send-ChatMessage alice hello
        $event = Wait-Event Mail -Timeout 30
        $event.SourceEventArgs.Message.Text, $event.MessageData, $event.SourceArgs[1].Number | Should -Be hello, 42, 1
    }

    It 'runs an action, whose job has what it says' {
        $job = Register-ChatEvent PeerDisconnected -Server alice -Action { "$($EventArgs.EventName) $($EventArgs.Peer.Name)" }
        Disconnect-ChatPeer alice
        Wait-Until { $job.HasMoreData }
        Receive-Job $job | Should -Be 'PeerDisconnected bob'
    }

    It 'tells of one peer, also of one that was not known yet' {
        Register-ChatEvent PeerConnected -From carol -Server alice -SourceIdentifier Came
        Start-ChatServer 127.0.0.1 0 carol -Ephemeral | Out-Null
        Connect-ChatPeer $alice.Endpoint -Server carol | Out-Null
        (Wait-Event Came -Timeout 30).SourceEventArgs.Peer.Name | Should -Be carol
    }

    It 'ends with <Name> and leaves nothing behind' -ForEach @(
        @{ Name = 'Unregister-Event'; End = { Unregister-Event Mail } }
        @{ Name = 'Stop-ChatServer'; End = { Stop-ChatServer alice } }
        @{ Name = 'Remove-Module'; End = { Remove-Module PSSecureChat } }
    ) {
        Register-ChatEvent MessageReceived -Server alice -SourceIdentifier Mail -Action { } | Out-Null
        $source = (Get-EventSubscriber).SourceObject
        $source.IsWatching | Should -BeTrue
        & $End
        Import-Module $Manifest
        $source.IsWatching | Should -BeFalse
        Get-EventSubscriber -Force | Should -BeNullOrEmpty
    }

    It 'keeps at most 1000 events that nobody has fetched, and loses no message' {
        Register-ChatEvent MessageReceived -Server alice -SourceIdentifier Flood
        1..3000 | Send-ChatMessage alice
        Wait-Until { (Get-ChatPeer bob -Server alice).Unread -eq 3000 -and @(Get-Event Flood).Count -eq 1000 }
        $numbers = [System.Collections.Generic.List[long]]::new()
        while ($numbers.Count -lt 3000) {
            $event = Wait-Event Flood -Timeout 30
            $numbers.Add($event.SourceEventArgs.Message.Text)
            Remove-Event -EventIdentifier $event.EventIdentifier
        }
        $numbers | Should -Be (1..3000)
    }

    It 'takes the server from an object in the pipeline' -Tag Pipeline {
        [pscustomobject]@{ Server = $alice } | Register-ChatEvent -EventName MessageReceived -SourceIdentifier Piped
        Send-ChatMessage alice hello
        (Wait-Event Piped -Timeout 30).SourceEventArgs.Message.Text | Should -Be hello
    }

    It 'refuses a name that is taken and an event that is none' -Tag BadInput, Tab {
        Register-ChatEvent MessageReceived -SourceIdentifier Mail
        Get-ErrorId { Register-ChatEvent MessageReceived -SourceIdentifier Mail -ErrorAction Stop } | Should -Be SubscriberExists
        Get-ErrorId { Register-ChatEvent Nothing } | Should -Be CannotConvertArgumentNoMessage
        Get-CompletionText 'Register-ChatEvent PeerK' | Should -Be PeerKeyChanged
        Get-CompletionText 'Register-ChatEvent MessageReceived -From a' | Should -Be alice
    }
}

Describe 'The example <_>' -ForEach 'echo-bot', 'alert', 'approval', 'ticket-bot', 'file-drop', 'two-machines' {
    It 'runs as written' {
        $pwsh = "$PSHOME/pwsh"
        $said = & $pwsh -NoProfile -NonInteractive -File "$PSScriptRoot/../../examples/$_.ps1"
        $LASTEXITCODE | Should -Be 0
        $said | Should -Not -BeNullOrEmpty
    }
}
