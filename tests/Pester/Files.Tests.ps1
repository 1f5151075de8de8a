BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force

    function Start-FileConversation {
        Start-Conversation
        $script:root = Join-Path $TestDrive ([guid]::NewGuid())
        $script:inbox = (New-Item -ItemType Directory "$root/inbox").FullName
        Set-Content "$root/notes.txt" 'some notes'
        [System.IO.File]::WriteAllBytes("$root/data.bin", [byte[]]::new(2MB))
    }

    function Send-Notes {
        $script:sent = Send-ChatFile alice $root/notes.txt
        Wait-Until { (Get-ChatTransfer -Server alice).State -eq 'Offered' -and (Get-ChatTransfer).State -eq 'Offered' }
    }
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Send-ChatFile' {
    BeforeEach { Start-FileConversation }
    AfterEach { Stop-Conversation }

    It 'offers a file' -Tag Success {
        Send-Notes
        $sent | Should -BeOfType ([PSSecureChat.ChatTransfer])
        $sent.To, $sent.Name, $sent.Length | Should -Be alice, notes.txt, (Get-Item $root/notes.txt).Length
    }

    It 'is told of files and peers that are not there' -Tag BadInput {
        { Send-ChatFile alice $root/missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotUsable,*'
        { Send-ChatFile nobody $root/notes.txt -ErrorAction Stop } | Should -Throw -ErrorId 'PeerUnknown,*'
    }

    It 'takes files from Get-ChildItem and a peer from Get-ChatPeer' -Tag Pipeline {
        (Get-ChildItem $root -File | Send-ChatFile alice).Name | Sort-Object | Should -Be 'data.bin', 'notes.txt'
        ("$root/notes.txt", (Get-Item $root/data.bin) | Send-ChatFile alice).Name | Should -Be 'notes.txt', 'data.bin'
        (Get-ChatPeer alice | Send-ChatFile -Path $root/notes.txt).To | Should -Be alice
        (Get-ChatPeer alice | Send-ChatFile $root/*.txt).Name | Should -Be notes.txt
    }

    It 'completes the names of peers, and of files behind peers' -Tag Tab {
        Get-CompletionText 'Send-ChatFile a' | Should -Be alice
        Get-CompletionText 'Get-ChildItem | Send-ChatFile a' | Should -Be alice
        Get-CompletionText "Get-ChatPeer | Send-ChatFile $root/n" | Should -BeLike '*notes.txt'
        Get-CompletionText 'Get-ChatPeer | Send-ChatFile ' | Should -Not -Contain alice
        Get-CompletionText "`$peers | Send-ChatFile $root/n" | Should -BeLike '*notes.txt'
        Get-CompletionText "Send-ChatFile $root/n" | Should -BeNullOrEmpty
    }

    It 'runs as a job, as Receive-ChatFile does' {
        $taking = Receive-ChatFile -From bob -Destination $inbox -AsJob -Server alice
        $taking | Should -BeOfType ([System.Management.Automation.Job])
        $sending = Send-ChatFile alice $root/data.bin -AsJob
        $done = $sending, $taking | Wait-Job -Timeout 30 | Receive-Job
        $done.State | Should -Be Completed, Completed
        (Get-FileHash $inbox/data.bin).Hash | Should -Be $done[0].Sha256
        (Get-Job -Id $sending.Id).PSJobTypeName | Should -Be ChatTransferJob
        $sending, $taking | Remove-Job
    }

    It 'stops with its job' {
        $job = Send-ChatFile alice $root/data.bin -AsJob
        Stop-Job $job
        $job.State | Should -Be Stopped
        (Get-ChatTransfer).State | Should -Be Stopped
        Remove-Job $job
    }
}

Describe 'Receive-ChatFile' {
    BeforeEach { Start-FileConversation }
    AfterEach { Stop-Conversation }

    It 'takes an offer and checks it' -Tag Success {
        Send-Notes
        $done = Receive-ChatFile notes.txt $inbox -Wait -Server alice
        $done.State | Should -Be Completed
        $done.Sha256 | Should -Be (Get-FileHash $root/notes.txt).Hash
        Get-Content $inbox/notes.txt | Should -Be 'some notes'
        Wait-Until { ($sent | Get-ChatTransfer).State -eq 'Completed' }
    }

    It 'is told of what is not offered' -Tag BadInput {
        { Receive-ChatFile missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
        { Receive-ChatFile -Wait -TimeoutSec 0.05 -ErrorAction Stop } | Should -Throw -ErrorId 'TimedOut,*'
    }

    It 'takes offers from Get-ChatTransfer' -Tag Pipeline {
        Send-Notes
        (Get-ChatTransfer -State Offered -Server alice | Receive-ChatFile -Destination $inbox -Wait).State | Should -Be Completed
    }

    It 'completes the names of offers' -Tag Tab {
        Send-Notes
        Get-CompletionText 'Receive-ChatFile -Server alice -Name n' | Should -Be notes.txt
    }
}

Describe 'Get-ChatTransfer' {
    BeforeEach { Start-FileConversation }
    AfterEach { Stop-Conversation }

    It 'filters by name, peer and state' -Tag Success {
        Send-Notes
        (Get-ChatTransfer n* -Peer alice -State Offered).Id | Should -Be $sent.Id
        Get-ChatTransfer -State Failed | Should -BeNullOrEmpty
    }

    It 'is told of what is not there' -Tag BadInput {
        { Get-ChatTransfer missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
        { Get-ChatTransfer -Id ([guid]::NewGuid()) -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
    }

    It 'takes servers and transfers' -Tag Pipeline {
        Send-Notes
        (Get-ChatServer | Get-ChatTransfer).Id | Should -Be $sent.Id, $sent.Id
        ($sent | Get-ChatTransfer).Id | Should -Be $sent.Id
    }

    It 'completes ids' -Tag Tab {
        Send-Notes
        (Get-CompletionText 'Get-ChatTransfer -Id ').Trim("'") | Should -Be $sent.Id
    }

    It 'is shown in 80 columns' {
        $null = Send-ChatFile alice $root/notes.txt, $root/data.bin
        $lines = Get-ChatTransfer | Out-String -Width 80 -Stream
        $lines | Where-Object { $_.TrimEnd().Length -gt 80 } | Should -BeNullOrEmpty
        $lines -match '^notes\.txt +-> alice +\d+ B +0%' | Should -Not -BeNullOrEmpty
        $lines -match '^data\.bin +-> alice +2\.0 MB +0%' | Should -Not -BeNullOrEmpty
        Get-ChatTransfer | Format-List | Out-String | Should -Match 'Length +: 2097152'
    }
}

Describe 'Suspend-ChatTransfer' {
    BeforeEach { Start-FileConversation; Send-Notes }
    AfterEach { Stop-Conversation }

    It 'has a transfer wait' -Tag Success { (Suspend-ChatTransfer notes.txt -PassThru).State | Should -Be Suspended }
    It 'is told of what is not there' -Tag BadInput { { Suspend-ChatTransfer -Id ([guid]::NewGuid()) -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*' }
    It 'takes transfers' -Tag Pipeline { ($sent | Suspend-ChatTransfer -PassThru).State | Should -Be Suspended }
    It 'completes names' -Tag Tab { Get-CompletionText 'Suspend-ChatTransfer n' | Should -Be notes.txt }
}

Describe 'Resume-ChatTransfer' {
    BeforeEach { Start-FileConversation; Send-Notes; Suspend-ChatTransfer notes.txt }
    AfterEach { Stop-Conversation }

    It 'lets a transfer go on' -Tag Success {
        Resume-ChatTransfer notes.txt
        Wait-Until { (Get-ChatTransfer).State -eq 'Offered' }
    }

    It 'is told of what is not there' -Tag BadInput { { Resume-ChatTransfer missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*' }
    It 'takes transfers' -Tag Pipeline { (Get-ChatTransfer -State Suspended | Resume-ChatTransfer -PassThru).State | Should -Not -Be Suspended }
    It 'completes names of what is suspended' -Tag Tab { Get-CompletionText 'Resume-ChatTransfer n' | Should -Be notes.txt }
}

Describe 'Stop-ChatTransfer' {
    BeforeEach { Start-FileConversation; Send-Notes }
    AfterEach { Stop-Conversation }

    It 'ends a transfer, and with -WhatIf does not' -Tag Success {
        Stop-ChatTransfer notes.txt -WhatIf
        (Get-ChatTransfer).State | Should -Be Offered
        (Stop-ChatTransfer n* -PassThru).State | Should -Be Stopped
    }

    It 'is told of what is not there' -Tag BadInput { { Stop-ChatTransfer missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*' }
    It 'takes transfers' -Tag Pipeline { (Get-ChatTransfer -Server alice | Stop-ChatTransfer -PassThru).State | Should -Be Stopped }
    It 'completes names' -Tag Tab { Get-CompletionText 'Stop-ChatTransfer n' | Should -Be notes.txt }
}
